"""What is killed is started again; a killed `up` leaves no process and can be started again at once."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.broker.credentials import read_credentials
from console.broker.probe import ACCEPTED, connack
from tests.brokers import free_port
from tests.console.embedded import all_gone, eventually, family
from tests.console.runs import children_named, running, says, wait_for_services


def kill(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Kill it; return what it ran."""
    processes = family(process)
    assert len(processes) >= 4
    process.kill()
    process.wait()
    return processes


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A run where another was just killed, and its folder; with amqtt on the port of that one's mosquitto.

    Each test kills another process of it, the last one `up` itself.
    """
    folder, port = tmp_path_factory.mktemp("run"), {"MQTT_PORT": str(free_port())}
    with running(folder, environment=port) as process:
        wait_for_services(folder, "mosquitto")
        left = kill(process)
    (folder / "up.log").unlink()
    with running(folder, "--broker", "amqtt", environment=port) as process:
        wait_for_services(folder, "amqtt")
        assert_gone(left)
        yield process, folder


def assert_gone(processes: list[psutil.Process]) -> None:
    assert eventually(lambda: all_gone(processes)), [one.cmdline() for one in processes if one.is_running()]


@pytest.mark.parametrize("module", ["console.broker", "collector"])
def test_what_dies_is_started_again(module: str, run: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, folder = run
    victim = children_named(process, module)[0]
    victim.kill()
    name = module.removeprefix("console.")
    assert says(folder, rf"up: {name} ended \(.*\); it is started again in 1 s")
    assert eventually(lambda: [one.pid for one in children_named(process, module)] not in ([], [victim.pid]))
    if module == "console.broker":
        found = read_credentials(folder / "data")
        assert found is not None
        assert eventually(lambda: connack(found.settings("console")) == ACCEPTED)


def test_a_killed_up_was_started_again_at_once_and_killed_leaves_no_process(
    run: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, _ = run
    assert process.poll() is None
    assert_gone(kill(process))
