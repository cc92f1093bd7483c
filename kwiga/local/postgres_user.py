"""As whom the embedded PostgreSQL runs. It refuses to be root, so root needs somebody else to be."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kwiga.local.errors import CommandError
from kwiga.local.paths import DATA, ROOT, postgres_bin


@dataclass(frozen=True)
class RunAs:
    """What to put before a command and into Popen, and who must own the data for it to work."""

    owner: tuple[int, int]
    prefix: tuple[str, ...] = ()
    popen: dict[str, Any] = field(default_factory=dict)

    def command(self, program: Path, *arguments: str) -> list[str]:
        """The whole command line that runs `program` as this user."""
        return [*self.prefix, str(program), *arguments]


def _ways_for_root() -> Iterator[RunAs]:
    """From the most to the least separated one; no user is added, no folder outside `.data` is touched."""
    nobody = pwd.getpwnam("nobody")
    uid, gid = nobody.pw_uid, nobody.pw_gid
    yield RunAs((uid, gid), popen={"user": uid, "group": gid, "extra_groups": []})
    # Below a private home `nobody` cannot reach the project. In a user namespace root is called nobody, keeps what it
    # owns, and has no other power.
    if unshare := shutil.which("unshare"):
        yield RunAs((0, 0), (unshare, "--user", f"--map-user={uid}", f"--map-group={gid}"))
    # Containers often refuse namespaces, but leave root this capability: nobody, with leave to walk through folders.
    if setpriv := shutil.which("setpriv"):
        leave = (
            "--pdeathsig=INT",  # a change of user clears the one that spawn() sets
            "--inh-caps=-all,+dac_override",
            "--ambient-caps=+dac_override",
            "--bounding-set=-all,+dac_override",
            "--securebits=+no_setuid_fixup",  # or access(2), which initdb asks, would not count the capability
        )
        yield RunAs((uid, gid), (setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *leave))


def own(folder: Path, owner: tuple[int, int]) -> None:
    """Gives a folder of ours, and all that is in it, to the user the server runs as."""
    for path in [folder, *folder.rglob("*")]:
        info = path.lstat()
        if (info.st_uid, info.st_gid) != owner:
            os.chown(path, *owner, follow_symlinks=False)


def _works(way: RunAs, folder: Path) -> bool:
    """Whether `way` can run the programs of the server and write into `folder`; nothing is made."""
    own(folder, way.owner)
    test = '"$1" --show --pgdata="$2/data" && test -w "$2" && test -x "$2"'
    command = way.command(Path("/bin/sh"), "-c", test, "sh", str(postgres_bin() / "initdb"), str(folder))
    try:
        done = subprocess.run(command, cwd="/", capture_output=True, check=False, **way.popen)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def find_way(folder: Path) -> RunAs:
    """As whom to run the server whose files live in `folder`, which is given to that user.

    Raises CommandError when root finds no way.
    """
    if os.geteuid() != 0:
        return RunAs((os.geteuid(), os.getegid()))
    if folder.is_relative_to(DATA):
        DATA.chmod(0o711)
    for way in _ways_for_root():
        if _works(way, folder):
            return way
    raise CommandError(
        f"PostgreSQL may not run as root, and no other user can reach {ROOT}: move the project to a folder that others "
        "may enter, start it as an ordinary user, or set DATABASE_URL."
    )
