"""Importing many modules at the start of a program."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Import without searching for garbage meanwhile.

    What modules make stays to the end: to search it again and again while it grows is a sixth of a start.
    """
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()
