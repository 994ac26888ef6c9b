"""One process of a run: started, listened to, started again when it ends, ended with its pipe."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import console
from console.up.log_lines import LogSink
from console.up.options import ChildSpec
from core.contract.errors import EXIT_USAGE
from core.runtime.shutdown import LIFELINE_VARIABLE

FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 60.0
HEALTHY_SECONDS: Final = 60.0
"""A process that has lived this long is started again as if for the first time."""
_LINE_BYTES: Final = 16_384
_KILLED_SECONDS: Final = 10.0
_REFUSED: Final = f"exit code {EXIT_USAGE}"
_SENTENCE: Final = "error: "
"""How run_command() begins what a person can mend."""
_ROOT: Final = str(Path(console.__file__).resolve().parent.parent)

Phase = Literal["waiting", "running", "restarting", "stopped"]


@dataclass(frozen=True)
class ChildStatus:
    """Status of a process as the view shows it."""

    name: str
    phase: Phase
    pid: int | None
    restarts: int
    since: float
    """time.monotonic() of when the phase began."""
    retry_at: float | None


class Child:
    """A process and the thread that keeps it alive. It lives while we hold its standard input."""

    def __init__(
        self,
        spec: ChildSpec,
        environment: Mapping[str, str],
        sink: LogSink,
        on_refusal: Callable[[], object] | None = None,
    ) -> None:
        self.spec = spec
        self.refusal = ""
        """Why it does not run at all, in its own sentence. Known before on_refusal is called."""
        self._on_refusal = on_refusal
        self._last_sentence = ""
        self.status = ChildStatus(spec.name, "waiting", None, 0, time.monotonic(), None)
        self._environment = child_environment({**environment, **spec.environment})
        self._sink = sink
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._live, name=spec.name, daemon=True)
        self._ready: Callable[[], object] = lambda: None

    def start(self, ready: Callable[[], object] = lambda: None) -> None:
        """Start it in the background, once `ready()` has returned."""
        self._ready = ready
        self._thread.start()

    def close(self) -> None:
        """Ask it to end: its pipe closes. Does not wait."""
        self._stopping.set()
        with self._lock:
            if self._process is not None:
                _close_pipe(self._process)

    def wait(self, seconds: float) -> None:
        """Wait for its end, for so long at most."""
        self._thread.join(seconds)

    def end(self, deadline: float) -> bool:
        """Wait for its end until the deadline (monotonic), then kill it; False where that was needed."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if not self._thread.is_alive():
            return True
        process = self._process
        if process is None:  # it never started: it waits for something else
            return True
        process.kill()
        self._thread.join(_KILLED_SECONDS)
        return False

    def _live(self) -> None:
        self._ready()
        delay = 0.0
        while not self._stopping.is_set():
            started = time.monotonic()
            ended = self._run()
            if self._stopping.is_set():
                break
            at_once = not self.status.restarts and time.monotonic() - started < HEALTHY_SECONDS
            if ended == _REFUSED and at_once and self._on_refusal is not None:
                # What a person has to mend is not mended by another start.
                self.refusal = self._last_sentence or f"it ended with {ended}"
                self._on_refusal()
                break
            delay = next_delay(delay, time.monotonic() - started)
            self._sink.say(
                f"{self.spec.name} ended ({ended}); it is started again in {delay:.0f} s", "WARNING"
            )
            self._now("restarting", None, retry_at=time.monotonic() + delay)
            self._stopping.wait(delay)
        self._now("stopped", None)

    def _run(self) -> str:
        """Run the process to its end; how it ended."""
        try:
            with self._lock:
                if self._stopping.is_set():
                    return "not started"
                self._process = process = _start(self.spec, self._environment)
        except OSError as error:
            return f"it cannot be started: {error}"
        self._now("running", process.pid)
        listener = threading.Thread(target=self._listen, args=(process,), name="log", daemon=True)
        listener.start()
        code = process.wait()
        listener.join(1)
        with self._lock:
            _close_pipe(process)
        return f"exit code {code}" if code >= 0 else f"killed by signal {-code}"

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        with process.stdout as out:
            for line in iter(lambda: out.readline(_LINE_BYTES), b""):
                text = line.decode("utf-8", "replace")
                self._sink.take(self.spec.name, text)
                if text.startswith(_SENTENCE):
                    self._last_sentence = text.removeprefix(_SENTENCE).strip()

    def _now(self, phase: Phase, pid: int | None, retry_at: float | None = None) -> None:
        first = phase == "running" and self.status.phase == "waiting"
        restarts = self.status.restarts + (phase == "running" and not first)
        self.status = ChildStatus(self.spec.name, phase, pid, restarts, time.monotonic(), retry_at)


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return a child's environment: it finds our packages, ends with its pipe, prints at once."""
    path = os.pathsep.join(filter(None, [_ROOT, environment.get("PYTHONPATH", "")]))
    return {
        **environment,
        "PYTHONPATH": path,
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        LIFELINE_VARIABLE: "stdin",
    }


def _close_pipe(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):  # it has gone already
            process.stdin.close()


def _start(spec: ChildSpec, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # Apart from our terminal: Ctrl-C reaches us alone, and we end them in order. -P: a file in the
    # working folder must not stand in for a module.
    command = [sys.executable, "-P", "-m", spec.module, *spec.arguments]
    pipe = subprocess.PIPE
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return subprocess.Popen(
        command,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.STDOUT,
        env=environment,
        creationflags=flags,
        start_new_session=sys.platform != "win32",
    )


def next_delay(previous: float, lived_seconds: float) -> float:
    """Return the seconds before the next start: 1, 2, 4 ... 60 while it ends early, 1 after a longer life."""
    if previous <= 0 or lived_seconds >= HEALTHY_SECONDS:
        return FIRST_SECONDS
    return max(FIRST_SECONDS, min(LONGEST_SECONDS, previous * 2))
