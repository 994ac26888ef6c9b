"""Files that are their owner's alone: data of people, hashes of passwords and secrets are in them."""

import os
import stat
import sys
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o077


def keep_files_private() -> None:
    """Have whatever this process and its children make be readable by its owner alone; first in each entry.

    On Windows the access list of the folder decides (deploy/windows/install-services.ps1 sets it).
    """
    os.umask(_OTHERS)


def make_private(folder: Path) -> None:
    """Close a folder of ours that is there to others: an earlier version may have made it readable."""
    if is_ours(folder) and stat.S_IMODE(folder.stat().st_mode) & _OTHERS:
        folder.chmod(stat.S_IRWXU)


def is_ours(folder: Path) -> bool:
    """Return whether the folder belongs to this process's user; on Windows whether it is there."""
    try:
        found = folder.stat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.geteuid())
