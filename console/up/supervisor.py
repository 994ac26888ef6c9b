"""All processes of a run, in their order: broker first, broker last."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from console.broker.credentials import BrokerCredentials
from console.broker.probe import wait_until_ready
from console.up.child import Child, ChildStatus
from console.up.log_lines import LogSink
from console.up.options import ChildSpec

BROKER: Final = "broker"
_BROKER_READY_SECONDS: Final = 30.0
_END_SECONDS: Final = 15.0
_GOODBYE_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Run:
    """A program to start, with its environment."""

    specs: tuple[ChildSpec, ...]
    environment: Mapping[str, str]
    credentials: BrokerCredentials | None
    """Of the embedded broker; None where MQTT_HOST names another."""


class Supervisor:
    """Starts, keeps alive and ends the processes of a run."""

    def __init__(self, run: Run, sink: LogSink, on_refusal: Callable[[], object] | None) -> None:
        """Prepare them; `on_refusal` is called where a service refuses its first start; None: try again."""
        self._run = run
        self._sink = sink
        self._children = [
            Child(spec, self._environment(spec), sink, on_refusal if spec.mqtt_user else None)
            for spec in run.specs
        ]
        self._stopping = False

    def start(self) -> None:
        """Start them all in the background; who speaks MQTT waits for the broker to accept."""
        for child in self._children:
            child.start(self._wait_for_broker if child.spec.mqtt_user else lambda: None)

    def statuses(self) -> list[ChildStatus]:
        """Return the status of each process."""
        return [child.status for child in self._children]

    def refusals(self) -> list[str]:
        """Return why services did not start, each reason once."""
        names: dict[str, list[str]] = {}
        for child in self._children:
            if child.refusal:
                names.setdefault(child.refusal, []).append(child.spec.name)
        return [f"{', '.join(some)}: {refusal}" for refusal, some in names.items()]

    def stop(self) -> bool:
        """End them all in turns, so that who hears a goodbye is still there; False if one was killed."""
        self._stopping = True
        self._sink.say("stopping")
        deadline = time.monotonic() + _END_SECONDS
        others = [child for child in self._children if child.spec.name != BROKER]
        for child in reversed(others):
            child.close()
            child.wait(_GOODBYE_SECONDS)
        killed = [child for child in others if not child.end(deadline)]
        for broker in [child for child in self._children if child not in others]:
            broker.close()
            killed += [] if broker.end(time.monotonic() + _END_SECONDS) else [broker]
        for child in killed:
            self._sink.say(f"{child.spec.name} did not end by itself and was killed", "WARNING")
        return not killed

    def _wait_for_broker(self) -> None:
        if self._run.credentials is None:
            return
        settings = self._run.credentials.settings("console")
        deadline = time.monotonic() + _BROKER_READY_SECONDS
        while not self._stopping and time.monotonic() < deadline:
            if wait_until_ready(settings, 0.5):
                return

    def _environment(self, spec: ChildSpec) -> dict[str, str]:
        credentials = self._run.credentials
        if credentials is None or spec.mqtt_user is None:
            return dict(self._run.environment)
        return {**self._run.environment, **credentials.environment(spec.mqtt_user)}
