"""The memory of a service: one heap for all of its threads."""

import ctypes
import sys
from typing import Final

_M_ARENA_MAX: Final = -8
"""As malloc.h of glibc has it."""


def keep_one_heap() -> None:
    """Have the threads of this process share one heap, where the C library is glibc; before they are started.

    It would give each of them one of its own, and what one thread has freed the others cannot use then.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
