"""The ledger: an append-only file of JSON lines. Everything the bank knows is what the lines add up to."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Ledger:
    """One file. An entry is in it before anybody hears of it; a line cut off by a kill is dropped at the start."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / "ledger.jsonl"
        self._lock = threading.Lock()
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def replay(self, take: Callable[[Entry], None]) -> None:
        """Hand over every entry there is, oldest first."""
        whole = 0
        for line in self.path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            take(json.loads(line))
            whole += len(line)
        os.truncate(self.path, whole)

    def write(self, entry: Entry) -> None:
        """Append one entry; whole lines only, so a killed process leaves no half one behind it."""
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            os.write(self._file, line)

    def close(self) -> None:
        os.close(self._file)
