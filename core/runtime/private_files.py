"""Files that are their owner's alone: data of people, hashes of passwords and secrets are in them."""

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o077
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def keep_files_private() -> None:
    """Have whatever this process and its children make be readable by its owner alone; first in each entry.

    On Windows the access list of the folder decides (deploy/windows/install-services.ps1 sets it).
    """
    os.umask(_OTHERS)


def make_private(folder: Path) -> None:
    """Close a folder of ours that is there to others: an earlier version may have made it readable."""
    if is_ours(folder) and stat.S_IMODE(folder.stat().st_mode) & _OTHERS:
        folder.chmod(stat.S_IRWXU)


def replace_file(path: Path, pieces: Iterable[bytes], *, durable: bool = False) -> None:
    """Replace a file, whole or not at all: a crash leaves the old or the new. Raises OSError.

    `durable` waits until the disk has it, so that the end of the machine's power leaves one of both too.
    """
    fresh = path.with_name(path.name + ".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, _NEW_FILE, 0o600), "wb") as file:
        file.writelines(pieces)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    fresh.replace(path)


def is_ours(folder: Path) -> bool:
    """Return whether the folder belongs to this process's user; on Windows whether it is there."""
    try:
        found = folder.stat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.geteuid())


def whose(path: Path) -> str:
    """Return for a sentence that a file belongs to another user than this process's; "" where it does not.

    Where its folder may not be entered, that of the folder. Root may do everything with any file, and on
    Windows an owner tells nothing of rights.
    """
    if sys.platform == "win32":
        return ""
    try:
        owner = path.stat().st_uid
    except PermissionError:
        return whose(path.parent)
    except OSError:
        return ""
    me = os.geteuid()
    if me in (0, owner):
        return ""
    return f"it belongs to the user {_user_name(owner)}, and this runs as {_user_name(me)}"


def _user_name(number: int) -> str:
    """Return the name of a user; the number where there is none, as in containers."""
    if sys.platform == "win32":
        return str(number)
    import pwd  # not at the top: there is none on Windows

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
