"""Real brokers for tests: started on a free port of 127.0.0.1, killed and started again at will."""

import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest

from tests.patience import PATIENCE_SECONDS

_chance = random.SystemRandom()  # the usual one is seeded by some tests: all workers would draw alike


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that nobody uses now, and below those that systems give to whoever wants any.

    UDP's are others than TCP's: a demo wants a number in both.
    """
    while True:
        port = _chance.randrange(20_000, 26_000) + 6_000 * (kind == socket.SOCK_DGRAM)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


class BrokerProcess:
    """A broker as a process of its own on `port`; its output is in `log`."""

    def __init__(self, command: list[str], port: int, log: Path) -> None:
        self.command = command
        self.port = port
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.kill()
        raise RuntimeError(f"the broker did not start:\n{self.log.read_text(errors='replace')}")

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Have it do nothing for a while, its connections open."""
        if self._process is None:
            raise RuntimeError("the broker was killed")
        if sys.platform != "win32":
            self._process.send_signal(signal.SIGSTOP)
            try:
                yield
            finally:
                self._process.send_signal(signal.SIGCONT)
        else:
            pytest.skip("Windows stops no process for a while")

    def kill(self) -> None:
        """End it without a chance to save or say anything (kill -9)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def mosquitto(port: int | None = None, data_dir: Path | None = None) -> Iterator[BrokerProcess]:
    """Mosquitto for anybody on loopback; keeps retained messages over kill() where data_dir is given."""
    program = which("mosquitto") or which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
    if program is None:
        pytest.skip("mosquitto is not installed")
    port = port or free_port()
    with tempfile.TemporaryDirectory() as scratch:
        lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 1000000"]
        lines += ["max_inflight_messages 0"]
        if hasattr(Path, "owner") and sys.platform != "win32":
            lines.append(f"user {Path(scratch).owner()}")
        if data_dir is not None:
            location = f"persistence_location {data_dir.as_posix()}/"
            lines += ["persistence true", location, "autosave_interval 1"]
        config = Path(scratch) / "mosquitto.conf"
        config.write_text("\n".join(lines) + "\n")
        yield from _run([program, "-c", str(config)], port, Path(scratch))


@contextmanager
def amqtt_broker(port: int | None = None) -> Iterator[BrokerProcess]:
    """amqtt for anybody on loopback; forgets everything when it is killed."""
    port = port or free_port()
    with tempfile.TemporaryDirectory() as scratch:
        anonymous = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
        listeners = {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}}
        config = Path(scratch) / "amqtt.yaml"
        config.write_text(json.dumps({"listeners": listeners, "plugins": anonymous}))  # JSON is YAML
        command = [sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(config)]
        yield from _run(command, port, Path(scratch))


BROKERS = {"mosquitto": mosquitto, "amqtt": amqtt_broker}
"""For `pytest.mark.parametrize`: what must work with the one must work with the other."""


def _run(command: list[str], port: int, scratch: Path) -> Iterator[BrokerProcess]:
    broker = BrokerProcess(command, port, scratch / "broker.log")
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()
