"""Start, run and stop each of the four services; their work is wired in their app.py.

    python -m NAME               NAME/__main__.py: options, then
      run_service(NAME, ...)     settings, logs, private files, stop signal, then
        NAME.app.run(...)        opens what it needs and wires it to a Service, then
          with service: ...      metrics, periodic tasks and the connection, while it works

What a person can mend is a UserError, raised before the connection is made: one sentence, exit code 2.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol, Self, TypeVar

from core.contract.errors import EXIT_OK
from core.runtime.heap import keep_one_heap
from core.runtime.importing import importing
from core.runtime.logs import configure_logs
from core.runtime.metrics import serve_metrics, service_metrics
from core.runtime.mqtt_link import HEARTBEAT_SECONDS, MqttLink
from core.runtime.periodic import PeriodicTask, Step
from core.runtime.private_files import make_private
from core.runtime.settings import CommonSettings, load_blocks
from core.runtime.shutdown import ShutdownSignal

log = logging.getLogger(__name__)

_STOP_SECONDS: Final = 10.0
"""So long may steps that are being done take to end: `printers up` kills what has not ended after 15."""


class ServiceSettings(Protocol):
    """The blocks a service reads, of which this module needs one."""

    @property
    def common(self) -> CommonSettings:
        """Where files are and how much is logged."""
        ...


Settings = TypeVar("Settings", bound=ServiceSettings)


def run_service(
    name: str,
    blocks: type[Settings],
    import_run: Callable[[], Callable[[Settings, ShutdownSignal], None]],
) -> int:
    """Run a service until it is told to stop; return the exit code. Raises UserError at the start.

    `import_run` imports what runs it, which takes most of a start: a wrong setting is told before.
    """
    keep_one_heap()
    settings = load_blocks(blocks)
    configure_logs(name, debug=settings.common.debug)
    make_private(settings.common.data_dir)
    with importing():
        run = import_run()
    run(settings, ShutdownSignal().install())
    log.info("stopped")
    return EXIT_OK


class Service:
    """A connection with its heartbeat, the periodic tasks and the metrics of a service, while it works.

    As a context, or by start() and stop() where an event loop must not wait for the latter.
    """

    def __init__(self, link: MqttLink, shutdown: ShutdownSignal, *, metrics_listen: str = "") -> None:
        self.link = link
        self.shutdown = shutdown
        self._metrics_listen = metrics_listen
        self._tasks: list[PeriodicTask] = []
        self._stop_metrics: Callable[[], None] = lambda: None

    def every(self, seconds: float, name: str, *steps: Step, at_once: bool = True) -> PeriodicTask:
        """Have a thread do `steps` every so often while the service works, and after every (re)connect."""
        task = PeriodicTask(name, steps, seconds, self.shutdown.stopping, at_once=at_once)
        self._tasks.append(task)
        self.link.on_connect(task.wake)
        self.shutdown.on_stop(task.wake)
        return task

    def heartbeat(self, counters: Callable[[], Mapping[str, float]]) -> None:
        """Renew the presence with these counters, at once after a connect: the greeting has none."""

        def beat() -> None:
            self.link.heartbeat(counters())

        # Not before the connection: three at once would look as if none of them came back (MqttLink).
        self.every(HEARTBEAT_SECONDS, "heartbeat", beat, at_once=False)

    def start(self) -> None:
        """Serve metrics, begin the tasks, connect in the background. Raises SettingsError."""
        link = self.link
        self._stop_metrics = serve_metrics(self._metrics_listen, lambda: service_metrics(link.service, link))
        for task in self._tasks:
            task.start()
        link.start()

    def stop(self) -> None:
        """Stop the threads, wait for what is under way, then tell the broker that the service ends."""
        self.shutdown.stop()
        deadline = time.monotonic() + _STOP_SECONDS
        for task in self._tasks:
            task.join(max(0.0, deadline - time.monotonic()))
        self.link.stop()
        self._stop_metrics()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
