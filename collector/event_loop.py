"""The event loop of the collector: uvloop where it is installed, asyncio's own elsewhere."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import TypeVar

Result = TypeVar("Result")


def run(main: Coroutine[object, object, Result]) -> Result:
    """Run a coroutine to its end."""
    with asyncio.Runner(loop_factory=_factory()) as runner:
        return runner.run(main)


def look_for_garbage_rarely() -> None:
    """Collect garbage cycles rarely, in a process that is nothing but a collector.

    Each poll makes hundreds of short-lived objects beside the state of thousands of printers: with
    Python's thresholds, looking for garbage cycles takes a third of the time.
    """
    gc.set_threshold(50_000, 20, 50)


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # Windows, PyPy
        return None
    return uvloop.new_event_loop
