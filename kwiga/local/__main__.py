"""`python -m kwiga.local COMMAND …`: what the scripts in bin/ call once the packages are installed."""

import importlib
import signal
import sys
from types import FrameType

from kwiga.local.errors import CommandError, explain_os_error
from kwiga.local.paths import ROOT
from kwiga.local.progress import complain

# Imported when needed: each command may use packages of a group the others are started without.
_COMMANDS = {
    "demo": "kwiga.local.demo",
    "test": "kwiga.local.testing",
    "check": "kwiga.local.checks",
    "prove": "kwiga.local.prove",
    "messages": "kwiga.local.messages",
    "build": "kwiga.local.build",
    "setup": "kwiga.local.setup",
}


def main(arguments: list[str]) -> int:
    """Runs the command named first; a CommandError becomes one sentence and status 1."""
    if not arguments or arguments[0] not in _COMMANDS:
        complain(f"Usage: python -m kwiga.local {{{','.join(_COMMANDS)}}} …")
        return 2
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _leave)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return int(importlib.import_module(_COMMANDS[arguments[0]]).main(arguments[1:]))
    except CommandError as error:
        complain(str(error))
        return 1
    except OSError as error:
        complain(explain_os_error(error, ROOT))
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _leave(signum: int, _frame: FrameType | None) -> None:
    """Ends like Ctrl-C does, so that whatever is open is closed on the way out."""
    sys.exit(128 + signum)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
