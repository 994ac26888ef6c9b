"""Importing many modules at the start of a program."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Import without searching for garbage; later searches leave out what was imported.

    What modules make stays to the end. To search it while it grows is a sixth of a start, and to search it
    ever again is a fifth of a processor's CPU.
    """
    known, searching = len(sys.modules), gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > known:
            gc.freeze()
        if searching:
            gc.enable()
