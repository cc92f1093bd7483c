"""`python -m orders.payments.test_bank.bank --port 8001 --ledger FOLDER`."""

import argparse
import os
import signal
from pathlib import Path
from typing import NoReturn

from orders.payments.test_bank.bank.server import serve


def main() -> None:
    """Runs until it is told to stop; what it knows lies in the ledger."""
    parser = argparse.ArgumentParser(prog="test-bank", description="A pretended bank for trying the store out.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--ledger", type=Path, required=True, help="the folder of the ledger")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    try:
        serve(options.host, options.port, options.ledger)
    except KeyboardInterrupt:
        # At once: notices that are on their way are told again after the next start.
        os._exit(0)


def _stop(_signum: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
