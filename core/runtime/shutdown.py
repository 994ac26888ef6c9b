"""Notice when to stop: a signal, Ctrl-C, a Windows service stop, or the end of the pipe our parent holds.

The pipe works on all three systems and also when the parent is killed: its end closes with it.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final

LIFELINE_VARIABLE: Final = "PRINTERS_LIFELINE"
"""Set to `stdin` by a parent whose children are to live while it holds their standard input."""


class ShutdownSignal:
    """`stopping` is set once it is time to stop; `on_stop` callbacks run once, in any thread."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._callbacks: list[Callable[[], object]] = []
        self._lock = threading.RLock()  # a signal may come while its own thread holds it

    def install(self) -> "ShutdownSignal":
        """Listen to signals (main thread only) and to the parent's pipe."""
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda _number, _frame: self.stop())
        if os.environ.get(LIFELINE_VARIABLE) == "stdin":
            pipe = _take_standard_input()
            threading.Thread(
                target=self._wait_for_parent, args=(pipe,), name="parent-pipe", daemon=True
            ).start()
        return self

    def on_stop(self, callback: Callable[[], object]) -> None:
        """Call back when it is time to stop; at once where it already is."""
        with self._lock:
            if not self.stopping.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def wait(self) -> None:
        """Wait until it is time to stop."""
        while not self.stopping.wait(0.5):  # in turns: Windows hears Ctrl-C only between them
            pass

    def stop(self) -> None:
        """Ask the service to stop."""
        with self._lock:
            self.stopping.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def _wait_for_parent(self, pipe: int) -> None:
        while os.read(pipe, 4096):
            pass
        self.stop()


def _take_standard_input() -> int:
    """Return the pipe that standard input was, and leave nothing to read there.

    Windows lets nobody ask what a pipe is while it is being read, and a library's runtime asks that of
    standard input when it is loaded: the first `import numpy` would wait for the parent's end.
    """
    standard_input = sys.stdin.fileno()
    pipe = os.dup(standard_input)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, standard_input)
    os.close(nothing)
    return pipe
