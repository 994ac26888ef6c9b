"""What is killed is started again; a killed `up` leaves no process and can be started again at once."""

from pathlib import Path

import pytest

from console.broker.credentials import read_credentials
from console.broker.probe import ACCEPTED, connack
from tests.brokers import free_port
from tests.console.embedded import KINDS, all_gone, end, eventually, family
from tests.console.runs import children_named, running, says, wait_for_services


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_up_leaves_no_process(kind: str, tmp_path: Path) -> None:
    with running(tmp_path, "--broker", kind) as process:
        wait_for_services(tmp_path, kind)
        processes = family(process)
        assert len(processes) >= 4
        process.kill()
        process.wait()
        assert eventually(lambda: all_gone(processes)), [
            one.cmdline() for one in processes if one.is_running()
        ]


def test_up_starts_at_once_after_it_was_killed(tmp_path: Path) -> None:
    port = {"MQTT_PORT": str(free_port())}
    with running(tmp_path, environment=port) as process:
        wait_for_services(tmp_path, "mosquitto")
        process.kill()
        process.wait()
    (tmp_path / "up.log").unlink()
    with running(tmp_path, environment=port) as process:
        wait_for_services(tmp_path, "mosquitto")
        assert end(process) == 0


@pytest.mark.parametrize("module", ["console.broker", "processor", "collector", "dashboard"])
def test_what_dies_is_started_again(module: str, tmp_path: Path) -> None:
    name = module.removeprefix("console.")
    with running(tmp_path) as process:
        wait_for_services(tmp_path, "mosquitto")
        victim = children_named(process, module)[0]
        victim.kill()
        assert says(tmp_path, rf"up: {name} ended \(.*\); it is started again in 1 s")
        assert eventually(
            lambda: [one.pid for one in children_named(process, module)] not in ([], [victim.pid])
        )
        if module == "console.broker":
            found = read_credentials(tmp_path / "data")
            assert found is not None
            assert eventually(lambda: connack(found.settings("console")) == ACCEPTED)
        assert end(process) == 0
