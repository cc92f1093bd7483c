"""What is built from the sources and never committed: the style sheet, message catalogues, collected static files."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kwiga.local import processes
from kwiga.local.envfile import complete_environment
from kwiga.local.errors import CommandError
from kwiga.local.manage import run_manage
from kwiga.local.paths import BIN, DATA, ROOT

CSS_SOURCE = ROOT / "static" / "css" / "app.css"
CSS_RESULT = ROOT / "static" / "build" / "app.css"
LOCALE = ROOT / "locale"


def build_css() -> None:
    """Compiles and minifies the style sheet; raises CommandError with the compiler's words when it cannot."""
    CSS_RESULT.parent.mkdir(parents=True, exist_ok=True)
    fresh = CSS_RESULT.with_name(f"app.{os.getpid()}.css")
    command = [str(BIN / "tailwindcss"), "--input", str(CSS_SOURCE), "--output", str(fresh), "--minify"]
    try:
        done = processes.run(command, complete_environment({}))
        if done.returncode != 0:
            raise CommandError(f"The style sheet could not be built:\n{done.stdout.strip()}")
        fresh.replace(CSS_RESULT)
    finally:
        fresh.unlink(missing_ok=True)


def compile_catalogues() -> None:
    """Compiles each locale/<language>/LC_MESSAGES/django.po beside itself. No folder `locale`: nothing to do.

    Raises CommandError when the folder is there without a catalogue in it.
    """
    if not LOCALE.exists():
        return
    sources = sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))
    if not sources:
        raise CommandError("The folder locale holds no catalogue: run .venv/bin/python -m kwiga.local messages.")
    for source in sources:
        _compile(source)


def _compile(source: Path) -> None:
    result = source.with_suffix(".mo")
    if result.exists() and result.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        return
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    fresh = result.with_name(f"django.{os.getpid()}.mo")
    try:
        with fresh.open("wb") as file:
            write_mo(file, catalogue)
        fresh.replace(result)
    finally:
        fresh.unlink(missing_ok=True)


def collect_static(variables: Mapping[str, str]) -> bool:
    """Collects static files into STATIC_ROOT when a source or the lock file changed; whether it had to."""
    target, stamp = DATA / "static", DATA / "static.stamp"
    wanted = _digest([*_files(ROOT / "static"), ROOT / "uv.lock", ROOT / "kwiga" / "settings.py"])
    if target.exists() and stamp.exists() and stamp.read_text() == wanted:
        return False
    fresh = DATA / "static.new"
    shutil.rmtree(fresh, ignore_errors=True)
    run_manage(["collectstatic", "--noinput", "--verbosity", "0"], {**variables, "STATIC_ROOT": str(fresh)})
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    stamp.write_text(wanted)
    return True


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
