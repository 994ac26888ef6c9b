"""What docker-compose.yml starts, started here: its commands, variables, secrets and health checks."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr
from pathlib import Path
from shutil import which

import psutil
import pytest

from console.demo.folder import choose_port
from core.runtime.healthy import main
from tests.brokers import BrokerProcess, free_port
from tests.console.cli import printers
from tests.console.embedded import end, eventually, start
from tests.deploy.compose import OURS, compose, environment
from tests.paths import ROOT
from tests.postgres import fresh_postgres
from tests.processor.victoria import victoria

SERVICES = compose()["services"]


@contextmanager
def broker(folder: Path, secrets: Path) -> Iterator[int]:
    """mosquitto with the settings of the file, its paths and its port moved."""
    program = which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("mosquitto is not installed")
    port, home = free_port(), folder / "mosquitto"
    home.mkdir()
    text = (ROOT / "deploy/mosquitto/mosquitto.conf").read_text(encoding="utf-8")
    for name in ("passwords", "acl"):  # as the container's command does it
        (home / name).write_bytes((secrets / f"mosquitto_{name}").read_bytes())
        (home / name).chmod(0o600)
        text = text.replace(f"/tmp/{name}", str(home / name))  # noqa: S108 (a path in a container)
    text = text.replace("listener 1883", f"listener {port} 127.0.0.1").replace("/mosquitto/data/", f"{home}/")
    config = home / "mosquitto.conf"
    config.write_text(text + f"user {psutil.Process().username()}\n", encoding="utf-8")
    process = BrokerProcess([program, "-c", str(config)], port, folder / "mosquitto.log")
    process.start()
    try:
        yield port
    finally:
        process.kill()


def health_check(name: str, places: Mapping[str, str]) -> list[str]:
    """The words of a service's own health check behind `python`."""
    words = [*SERVICES[name]["healthcheck"]["test"][2:]]
    for there, here in places.items():
        words = [word.replace(there, here) for word in words]
    return words


def healthy(name: str, places: Mapping[str, str]) -> str:
    """Why a service's own health check fails; "" where it does not."""
    dash_m, module, *arguments = health_check(name, places)
    assert (dash_m, module) == ("-m", "core.runtime.healthy")
    said = io.StringIO()
    with redirect_stderr(said):
        code = main(arguments)
    return "" if code == 0 else said.getvalue() or "failed"


def test_the_services_work_with_the_variables_and_secrets_of_the_file(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    assert printers("secrets", str(secrets)).exit_code == 0
    first = choose_port(3, None, 31_000)
    with ExitStack() as stack:
        database = stack.enter_context(fresh_postgres())
        series = stack.enter_context(victoria(tmp_path))
        (secrets / "database_url").write_text(database, encoding="utf-8")
        places = {
            "/run/secrets": str(secrets),
            "http://influxdb:8086": series.url,
            "mosquitto": "127.0.0.1",
            "1883": str(stack.enter_context(broker(tmp_path, secrets))),
            "0.0.0.0:8501": f"127.0.0.1:{(dashboard := free_port())}",
            "127.0.0.1:8501": f"127.0.0.1:{dashboard}",
            "9471": str(free_port()),
            "9472": str(free_port()),
            "9473": str(free_port()),
        }

        def run(name: str, *extra: str) -> Path:
            folder = tmp_path / name  # its /data
            folder.mkdir()
            command = [word.replace("/data", str(tmp_path / "demo")) for word in SERVICES[name]["command"]]
            variables = {**environment(SERVICES[name], places), "DATA_DIR": str(folder)}
            process = start(
                [sys.executable, "-P", "-m", *command, *extra], tmp_path / f"{name}.log", variables
            )
            stack.callback(end, process)
            return tmp_path / f"{name}.log"

        (tmp_path / "demo").mkdir()
        run("simulator", "--printers", "3", "--port", str(first))
        assert eventually((tmp_path / "demo" / "fleet.csv").exists)
        logs = {name: run(name) for name in OURS}
        run("demo-inventory")
        for name in OURS:
            assert eventually(lambda name=name: not healthy(name, places)), (  # type: ignore[misc]
                name, healthy(name, places), logs[name].read_text()[-2000:]
            )  # fmt: skip
        subprocess.run([sys.executable, *health_check("collector", places)], cwd=ROOT, check=True)
        assert eventually(lambda: len(series.points("printer_state_code")) == 3), logs[
            "processor"
        ].read_text()
        variables = {**environment(SERVICES["tools"], places), "DATA_DIR": str(tmp_path)}
        status = printers("status", "--json", env=variables)
        assert status.output.count('"printer_id"') >= 3, status.output


def test_a_service_without_its_broker_is_not_healthy(tmp_path: Path) -> None:
    port = free_port()
    variables = {"MQTT_PORT": str(free_port()), "COLLECTOR_METRICS_LISTEN": f"127.0.0.1:{port}"}
    process = start([sys.executable, "-P", "-m", "collector"], tmp_path / "log", variables)
    try:
        told = eventually(
            lambda: "does not say" in (said := healthy("collector", {"9471": str(port)})) and said, 30
        )
        assert "printers_collector_connected 1.0" in str(told)
    finally:
        end(process)
