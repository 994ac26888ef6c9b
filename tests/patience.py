"""How long tests wait for what is to happen; nobody waits that long where it does."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 90.0
"""For a process, a thread or a server on a machine that is busy with other tests."""


def until(
    condition: Callable[[], object], what: str = "it did not happen", seconds: float = PATIENCE_SECONDS
) -> None:
    """Wait for something that another thread or process brings about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.02)
