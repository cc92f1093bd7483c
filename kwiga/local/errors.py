"""The one error of the local commands, and the sentences for what a disk or a folder refuses."""

import errno
from pathlib import Path


class CommandError(Exception):
    """A sentence for the person at the terminal; the command ends with status 1 and prints no traceback."""


_SENTENCES = {
    errno.ENOSPC: "The disk that holds {folder} is full: free some space and start again.",
    errno.EDQUOT: "Your quota on the disk that holds {folder} is used up: free some space and start again.",
    errno.EROFS: "{folder} is read-only: put the project into a folder that can be written to and start again.",
    errno.EACCES: "{path} may not be read or written by this user: check its owner and its mode.",
    errno.EPERM: "{path} may not be changed by this user: check its owner and its mode.",
}


def explain_os_error(error: OSError, folder: Path) -> str:
    """One sentence for an error of the operating system met while working in `folder`."""
    sentence = _SENTENCES.get(error.errno or 0, "{path}: {reason}.")
    return sentence.format(folder=folder, path=error.filename or folder, reason=error.strerror or error)
