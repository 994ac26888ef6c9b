"""A lock on a file that the system frees however its holder ends; children do not inherit it."""

import os
import sys
from typing import Final

_LOCKED_BYTE: Final = 1 << 30
"""Far behind the text: on Windows a locked byte cannot be read by others."""


if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Lock the open file; False where somebody else has it. It is freed with the descriptor."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Lock the open file; False where somebody else has it. It is freed with the descriptor."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
