"""Collector and processor show their metrics where they are told to, also while no broker is there."""

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.brokers import free_port
from tests.console.embedded import end, eventually, start


@pytest.mark.parametrize("service", ["collector", "processor"])
def test_a_service_listens_for_scrapers_alone_where_it_is_told_to(service: str, tmp_path: Path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    environment = {
        "DATA_DIR": str(tmp_path / "data"),
        "MQTT_PORT": str(free_port()),
        f"{service.upper()}_METRICS_LISTEN": listen,
    }
    process = start([sys.executable, "-m", service], tmp_path / "log", environment)
    try:
        text = eventually(lambda: scrape(f"http://{listen}/metrics", process))
        assert f"printers_{service}_connected 0.0" in text, (tmp_path / "log").read_text()
    finally:
        assert end(process) == 0


def scrape(url: str, process: "subprocess.Popen[bytes]") -> str:
    assert process.poll() is None
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 (ours, on loopback)
            return str(answer.read().decode())
    except OSError:
        return ""
