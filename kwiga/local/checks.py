"""`bin/check`: everything that can be said about the code without running the store, one line a check."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kwiga.local import processes
from kwiga.local.builders import build_css, compile_catalogues
from kwiga.local.errors import CommandError
from kwiga.local.manage import run_manage
from kwiga.local.messages import find_faults
from kwiga.local.passwords import new_secrets
from kwiga.local.paths import BIN, ROOT
from kwiga.local.progress import step
from kwiga.local.template_lint import lint_folder
from kwiga.local.throwaway import throwaway_services

Environment = Mapping[str, str]
_TEMPLATES = str(ROOT / "templates")
_MANAGE = (sys.executable, str(ROOT / "manage.py"))
# What the index has to say is only known where it can be reached.
_OFFLINE = ("ConnectionError", "Failed to connect", "NameResolutionError", "Max retries exceeded", "ServiceError")
_PRODUCTION = {
    "BASE_URL": "https://shop.example.com",
    "DEBUG": "0",
    "DEMO": "0",
    "KEEP_MAIL_IN": "",
    "SMTP_URL": "smtp+tls://shop:secret@mail.example.com:587",
    "MAIL_FROM": "Shop <no-reply@shop.example.com>",
    "TRUSTED_PROXIES": "10.0.0.1",
}


@dataclass(frozen=True)
class Result:
    """How a check went; `output` is shown when it failed or has something to say."""

    passed: bool
    output: str = ""


Check = Callable[[Environment], Result]


def command(*arguments: str, **changes: str) -> Check:
    """A check that passes when a program of the virtual environment ends with status 0."""

    def run(environment: Environment) -> Result:
        program = arguments[0] if Path(arguments[0]).is_absolute() else str(BIN / arguments[0])
        done = processes.run([program, *arguments[1:]], {**environment, **changes})
        return Result(done.returncode == 0, done.stdout.strip())

    return run


def template_rules(_environment: Environment) -> Result:
    """Our own linter of templates."""
    return _from_lines([str(fault) for fault in lint_folder(ROOT / "templates")])


def catalogues(_environment: Environment) -> Result:
    """Every sentence is in every language."""
    return _from_lines(find_faults())


def known_vulnerabilities(environment: Environment) -> Result:
    """Asks the index about the installed packages; without it there is no answer, which is no failure."""
    done = processes.run([str(BIN / "pip-audit"), "--progress-spinner", "off", "--timeout", "15"], environment)
    if done.returncode and any(sign in done.stdout for sign in _OFFLINE):
        return Result(True, "skipped: the index cannot be reached")
    return Result(done.returncode == 0, done.stdout.strip() if done.returncode else "")


def production_settings(environment: Environment) -> Result:
    """`check --deploy` with the settings of a store on the internet."""
    changes = _PRODUCTION | {"SECRET_KEY": new_secrets()["SECRET_KEY"]}
    return command(*_MANAGE, "check", "--deploy", "--fail-level", "WARNING", **changes)(environment)


def policies(environment: Environment) -> Result:
    """pgrls on the migrated schema, as its owner sees it."""
    return command("pgrls", "lint", "--database-url", environment["DATABASE_URL"])(environment)


def _from_lines(lines: Sequence[str]) -> Result:
    return Result(not lines, "\n".join(lines))


CHECKS: Mapping[str, Check] = {
    "ruff": command("ruff", "check", "."),
    "ruff format": command("ruff", "format", "--check", "."),
    "djangofmt": command("djangofmt", "--check", "--quiet", _TEMPLATES),
    "djangofmt check": command("djangofmt", "check", "--output-format", "concise", _TEMPLATES),
    "template rules": template_rules,
    "mypy": command("mypy"),
    "import layers": command("lint-imports", PYTHONPATH=str(ROOT), NO_COLOR="1"),
    "migrations complete": command(*_MANAGE, "makemigrations", "--check", "--dry-run"),
    "migrations safe": command(*_MANAGE, "lintmigrations", LINT_MIGRATIONS="1"),
    "production settings": production_settings,
    "policies": policies,
    "catalogues": catalogues,
    "known vulnerabilities": known_vulnerabilities,
}


def main(arguments: list[str]) -> int:
    """Runs all checks, or those named, two at a time; returns 1 when one failed."""
    parser = argparse.ArgumentParser(prog="bin/check", description="Check everything that needs no running store.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"only these: {', '.join(CHECKS)}")
    wanted = parser.parse_args(arguments).names or list(CHECKS)
    if unknown := set(wanted) - CHECKS.keys():
        raise CommandError(f"There is no check named {sorted(unknown)[0]!r}; there are: {', '.join(CHECKS)}.")
    with throwaway_services() as environment:
        with step("Building, and migrating a database to look at"):
            build_css()
            compile_catalogues()
            run_manage(["migrate", "--verbosity", "0"], environment)
        return _report(wanted, environment)


def _report(names: Sequence[str], environment: Environment) -> int:
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, (result, seconds) in zip(names, pool.map(lambda name: _timed(name, environment), names), strict=True):
            print(f"{'ok' if result.passed else 'failed':<7} {name:<22} {seconds:5.1f} s", flush=True)
            if result.output and (not result.passed or result.output.startswith("skipped")):
                print("\n".join(f"        {line}" for line in result.output.splitlines()), flush=True)
            if not result.passed:
                failed.append(name)
    print(
        f"{len(names) - len(failed)} of {len(names)} checks are fine" + (f"; not {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


def _timed(name: str, environment: Environment) -> tuple[Result, float]:
    begun = time.monotonic()
    try:
        result = CHECKS[name](environment)
    except CommandError as error:
        result = Result(False, str(error))
    return result, time.monotonic() - begun
