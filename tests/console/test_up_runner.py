"""`printers up` as a person runs it: what it says, what it refuses, and that it ends cleanly."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from console.broker.credentials import read_credentials
from console.broker.probe import ACCEPTED, connack
from console.up.pages import require_free_address
from core.contract.errors import UserError
from core.runtime.settings import MqttSettings
from core.runtime.web_settings import DashboardSettings
from tests.brokers import free_port, mosquitto
from tests.console.cli import call_printers
from tests.console.embedded import all_gone, end, family
from tests.console.runs import children_named, running, said, says, wait_for_services
from tests.patience import PATIENCE_SECONDS


def test_everything_runs_and_ends_cleanly_with_the_pipe(tmp_path: Path) -> None:
    with running(tmp_path, "--broker", "amqtt") as process:
        wait_for_services(tmp_path, "amqtt")
        processes = family(process)
        assert len(processes) >= 4
        credentials = read_credentials(tmp_path / "data")
        assert credentials is not None
        assert connack(credentials.settings("reader")) == ACCEPTED
        assert "unencrypted" not in said(tmp_path)  # other machines reach the broker only when asked
        assert end(process) == 0
    assert ended_cleanly(tmp_path, processes)


def ended_cleanly(folder: Path, processes: list[psutil.Process]) -> bool:
    """Whether all of a run have ended by themselves, and its log says so."""
    text = said(folder)
    assert "was killed" not in text
    assert "Traceback" not in text
    return all_gone(processes) and text.rstrip().endswith("INFO    up: stopped")


def refusal(folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> str:
    """What `up` says when it refuses; it has started nothing."""
    surroundings = {
        "MQTT_PORT": str(free_port()),
        "DASHBOARD_LISTEN": f"127.0.0.1:{free_port()}",
        "DATA_DIR": str(folder / "data"),
    }
    done = call_printers("up", "--plain", *options, env=surroundings | dict(environment or {}))
    assert (done.returncode, done.stdout) == (2, "")
    return one_sentence(done.stderr)


def one_sentence(text: str) -> str:
    assert text.startswith("error: "), text
    assert text.count("\n") == 1
    return text


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        text = refusal(tmp_path, environment={"MQTT_PORT": str(port)})
    assert f"port {port} on 127.0.0.1 is taken by" in text
    assert "set MQTT_PORT=" in text


def test_an_address_of_another_machine_is_told_as_that() -> None:
    settings = DashboardSettings(dashboard_listen="192.0.2.1:8501")
    with pytest.raises(UserError, match=r"this machine has no such address"):
        require_free_address(settings)


@dataclass(frozen=True)
class Run:
    """`printers up` while it runs, with an empty inventory."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run for tests that leave it as it is, and for the last, which ends it.

    Where there are several loopback addresses it has two.
    """
    folder, port = tmp_path_factory.mktemp("run"), free_port()
    second = ["--listen", "127.0.0.2"] if sys.platform == "linux" else []
    with running(folder, *second, environment={"MQTT_PORT": str(port)}) as process:
        wait_for_services(folder, "mosquitto")
        yield Run(process, folder, port)


def test_a_second_up_is_refused_and_the_first_goes_on(run: Run, tmp_path: Path) -> None:
    with running(tmp_path, environment={"DATA_DIR": str(run.folder / "data")}) as second:
        assert second.wait(PATIENCE_SECONDS) == 2
    text = one_sentence(said(tmp_path))
    assert str(run.process.pid) in text
    assert str((run.folder / "data").resolve()) in text
    assert run.process.poll() is None


def test_an_address_to_listen_on_must_be_one(tmp_path: Path) -> None:
    assert "--listen takes an IP address" in refusal(tmp_path, "--listen", "everywhere")


@pytest.mark.parametrize("variable", ["MQTT_PORT", "SNMP_POLL_INTERVAL_SECONDS", "SUMMARY_TIME"])
def test_a_setting_that_cannot_be_used_is_named_whosever_it_is(variable: str, tmp_path: Path) -> None:
    assert f"error: {variable}: " in refusal(tmp_path, environment={variable: "many"})


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("SECRET_KEY", "short", "error: SECRET_KEY: has fewer than 16 characters"),
        ("DASHBOARD_LISTEN", "127.0.0.1:80999", "error: DASHBOARD_LISTEN: '127.0.0.1:80999' is no address"),
        ("DATABASE_URL", "postgresql://me@127.0.0.1:port/x", "error: DATABASE_URL cannot be used: it is no"),
        ("SUPPLY_LOW_PERCENT", "2", "error: SUPPLY_CRITICAL_PERCENT (5, its default) must not be above"),
    ],
)
def test_nothing_is_started_with_a_setting_that_a_service_would_refuse(
    variable: str, value: str, says: str, tmp_path: Path
) -> None:
    assert says in refusal(tmp_path, environment={variable: value})


def test_on_a_terminal_everything_ends_where_a_service_refuses_to_start(tmp_path: Path) -> None:
    with running(tmp_path, environment={"NOTIFY_URLS": "nonsense", "FORCE_COLOR": "1"}) as process:
        assert process.wait(PATIENCE_SECONDS) == 2
    last = said(tmp_path).splitlines()[-1]
    assert last.startswith(
        "error: notifier: NOTIFY_URLS: entry 1 is neither a mail address nor an Apprise URL"
    )


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run with a broker that is there already, where the notifier refuses to start."""
    folder = tmp_path_factory.mktemp("given")
    with mosquitto() as broker:
        environment = {"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(broker.port), "NOTIFY_URLS": "nonsense"}
        with running(folder, environment=environment) as process:
            yield Run(process, folder, broker.port)
            assert end(process) == 0


def test_a_given_broker_is_used_and_none_is_started(given: Run) -> None:
    for service in ("processor", "collector"):
        assert says(given.folder, rf"{service}: .*connected to the broker at 127\.0\.0\.1:{given.port}")
    assert children_named(given.process, "console.broker") == []
    assert not (given.folder / "data" / "broker").exists()


def test_where_nobody_looks_on_the_other_services_go_on_without_it(given: Run) -> None:
    assert says(given.folder, r"notifier ended \(exit code 2\); it is started again")
    assert says(given.folder, "dashboard: serving")
    assert given.process.poll() is None


def test_an_empty_inventory_says_what_to_do_next(run: Run) -> None:
    assert says(run.folder, "no printers yet")
    assert says(run.folder, r"printers import FILE\.csv")
    assert says(run.folder, "printers demo")
    assert str(run.folder / "data") in said(run.folder)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one loopback address")
def test_the_broker_listens_elsewhere_when_asked(run: Run) -> None:
    assert "unencrypted" in said(run.folder)
    for address in ("127.0.0.1", "127.0.0.2"):
        assert connack(MqttSettings(mqtt_host=address, mqtt_port=run.port)) is not None


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_a_service_manager_ends_it_cleanly(run: Run) -> None:
    processes = family(run.process)
    assert len(processes) >= 6
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(PATIENCE_SECONDS) == 0
    assert ended_cleanly(run.folder, processes)
