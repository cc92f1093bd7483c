"""The image, the compose file and .env.example: complete, in agreement, and with no login where it does not belong."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps

from kwiga.celery import app as celery_app
from kwiga.local.envfile import ALLOWED_LOGINS, LOGINS
from kwiga.local.paths import ROOT
from tests.kwiga.test_settings import run

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "kwiga"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()

# Read by the images of Postgres, not by us.
OF_OTHERS = {"POSTGRES_PASSWORD"}


def logins(service: str) -> set[str]:
    return set(OURS[service]["environment"]) & set(LOGINS)


def seconds(text: str) -> int:
    number, unit = int(text[:-1]), text[-1]
    return number * {"s": 1, "m": 60}[unit]


def variables_of_example() -> dict[str, str]:
    lines = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]
    return {name: "".join(shlex.split(value)) for name, _, value in (line.partition("=") for line in lines)}


# --- Compose ---


def test_the_services_are_these() -> None:
    assert list(OURS) == ["setup", "web", "worker", "beat", "ops"]
    assert set(SERVICES) - set(OURS) == {"postgres", "valkey", "mail"}


@pytest.mark.spec("TRUST-3.1")
@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_each_process_gets_the_logins_it_may_have(name: str) -> None:
    assert logins(name) == ALLOWED_LOGINS[name]
    assert "ADMIN_DATABASE_URL" not in OURS[name]["environment"]


def test_only_what_runs_once_gets_more() -> None:
    assert logins("setup") == set(LOGINS)
    assert logins("ops") == {"APP_DATABASE_URL", "OPS_DATABASE_URL"}
    assert OURS["setup"]["restart"] == OURS["ops"]["restart"] == "no"


def test_everything_that_serves_comes_back_by_itself() -> None:
    restarts = {name: service.get("restart") for name, service in SERVICES.items() if name not in {"setup", "ops"}}
    assert set(restarts.values()) == {"unless-stopped"}


def test_nothing_starts_before_the_schema_is_there() -> None:
    for name in ("web", "worker", "beat"):
        assert OURS[name]["depends_on"]["setup"] == {"condition": "service_completed_successfully"}
    for name in ("setup", "ops"):
        assert OURS[name]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_pages_start_without_the_messenger() -> None:
    assert OURS["web"]["depends_on"]["valkey"] == {"condition": "service_started"}


def test_every_service_says_how_it_is_or_that_it_need_not() -> None:
    with_image_check = {"web", "mail"}
    assert [
        name for name, service in SERVICES.items() if "healthcheck" not in service and name not in with_image_check
    ] == []
    assert OURS["setup"]["healthcheck"] == OURS["beat"]["healthcheck"] == {"disable": True}


def test_processes_have_the_time_they_need_to_end() -> None:
    settings = dict(re.findall(r"^(\w+) = (\d+)$", (ROOT / "gunicorn.conf.py").read_text(), re.MULTILINE))
    assert seconds(SERVICES["web"]["stop_grace_period"]) > int(settings["graceful_timeout"])
    assert OURS["worker"]["stop_signal"] == "SIGQUIT"
    assert seconds(OURS["worker"]["stop_grace_period"]) > celery_app.conf.worker_soft_shutdown_timeout


def test_the_messenger_forgets_nothing_it_took() -> None:
    command = " ".join(SERVICES["valkey"]["command"])
    assert "--appendonly yes --appendfsync everysec" in command
    assert "--maxmemory-policy noeviction" in command


def test_data_lies_in_volumes() -> None:
    # The images of Postgres 18 and later keep their data one folder higher than the earlier ones.
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert SERVICES["valkey"]["volumes"] == ["valkey:/data"]
    assert set(COMPOSE["volumes"]) == {"postgres", "valkey", "media"}
    assert all(service["volumes"] == ["media:/data/media"] for service in OURS.values())


def test_the_log_of_the_database_quotes_no_row() -> None:
    assert {"log_error_verbosity=terse", "log_min_error_statement=panic"} <= set(SERVICES["postgres"]["command"])


def test_ports_are_open_on_this_machine_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_change_nothing(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


# --- Variables ---


def test_every_variable_of_compose_is_explained_and_the_other_way_round() -> None:
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert used == set(variables_of_example())


def test_every_variable_is_read_by_our_code() -> None:
    sources = [ROOT / "kwiga" / "settings.py", *(ROOT / "kwiga" / "local").glob("*.py")]
    code = "\n".join(path.read_text() for path in sources)
    named = set(variables_of_example()) | {name for service in OURS.values() for name in service["environment"]}
    assert [name for name in sorted(named - OF_OTHERS) if f'"{name}"' not in code] == []


def test_every_required_setting_reaches_every_process() -> None:
    required = set(re.findall(r'_required\("(\w+)"\)', (ROOT / "kwiga" / "settings.py").read_text()))
    assert required >= {"SECRET_KEY", "SECRETS_KEYS"}
    for name, service in OURS.items():
        assert required | {"APP_DATABASE_URL"} <= set(service["environment"]), name


def test_every_variable_has_words_of_its_own() -> None:
    blocks = [block.splitlines() for block in EXAMPLE.split("\n\n")]
    assignments = [block for block in blocks if any(not line.startswith("#") for line in block)]
    assert all(block[0].startswith("#") or block[0].startswith("REDIS_URL") for block in assignments)
    assert all(sum(not line.startswith("#") for line in block) == 1 for block in assignments)


def test_the_recipe_makes_settings_that_pass_the_deployment_check(tmp_path: Path) -> None:
    recipe = [line.removeprefix("#   ") for line in EXAMPLE.splitlines() if line.startswith("#   ")]
    (tmp_path / ".env.example").write_text(EXAMPLE)
    subprocess.run(["sh", "-eu", "-c", "\n".join(recipe)], cwd=tmp_path, check=True)
    made = (tmp_path / ".env").read_text()
    assert "change-me" not in made.partition("# --- Addresses")[2]
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0

    shown = subprocess.run(
        ["sh", "-eu", "-c", "set -a; . ./.env; env"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    values = dict(line.partition("=")[::2] for line in shown.stdout.splitlines())
    given = {name: values[name] for name in variables_of_example()}
    assert given["POSTGRES_PASSWORD"] in given["ADMIN_DATABASE_URL"]
    assert len({given[name] for name in LOGINS}) == 4
    # The check asks the database what time it is; the one of the recipe is not here.
    changes = {name: value for name, value in given.items() if name not in LOGINS}
    changes |= {"DEBUG": "", "DEMO": "", "KEEP_MAIL_IN": ""}
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **changes)
    assert done.returncode == 0, done.stderr


# --- Image ---


def test_the_image_runs_as_nobody_in_particular() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER 10001\n" in last_stage
    assert "useradd --system --uid 10001" in last_stage
    assert "--chown" not in last_stage


def test_builders_and_local_servers_stay_out_of_the_image() -> None:
    assert "uv sync --frozen --no-default-groups" in DOCKERFILE
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "COPY --from=packages /venv /venv" in last_stage
    assert "builders" not in last_stage


def test_every_app_of_ours_is_copied_into_the_image() -> None:
    kept = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    ours = {Path(config.path).name for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    assert ours <= kept
    assert {"templates", "static", "locale", "manage.py", "gunicorn.conf.py", "uv.lock", "pyproject.toml"} <= kept


def test_secrets_and_data_of_this_machine_stay_out_of_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*", "everything is left out but what is named"
    assert not {"!.env", "!.data", "!.git", "!tests"} & set(lines)
