"""`python -m kwiga.local build`: style sheet, message catalogues and static files, for an image or a bare machine."""

import argparse
import os

from kwiga.local.builders import build_css, compile_catalogues
from kwiga.local.manage import run_manage
from kwiga.local.progress import step

# Collecting files starts Django, which asks for these and uses none of them.
_UNUSED = {
    "SECRET_KEY": "built without one",
    "SECRETS_KEYS": "none",
    "APP_DATABASE_URL": "postgres://nobody@localhost/none",
    "DEBUG": "0",
}


def main(arguments: list[str]) -> int:
    """Builds into static/build, locale and STATIC_ROOT; raises CommandError when a step fails."""
    description = "Build the style sheet and the catalogues, and collect the static files."
    argparse.ArgumentParser(prog="python -m kwiga.local build", description=description).parse_args(arguments)
    with step("Building the style sheet"):
        build_css()
    with step("Compiling the message catalogues"):
        compile_catalogues()
    with step("Collecting static files"):
        run_manage(["collectstatic", "--noinput", "--clear", "--verbosity", "0"], {**_UNUSED, **_static_root()})
    return 0


def _static_root() -> dict[str, str]:
    root = os.environ.get("STATIC_ROOT")
    return {"STATIC_ROOT": root} if root else {}
