"""A real VictoriaMetrics for tests, run as documented: it takes InfluxDB's write API, and can be killed."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest

from tests.brokers import free_port
from tests.house.documents import command_of
from tests.patience import until


class Victoria:
    """The server on a port of loopback; its data outlives a kill as far as it had reached the disk."""

    def __init__(self, program: str, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        _, *documented = command_of("docs/timeseries.md", "victoria-metrics ").split()
        ours = (
            f"-storageDataPath={folder / 'victoria'}",
            f"-httpListenAddr={self.url.removeprefix('http://')}",
        )
        self._command = [program, *documented, *ours]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: self._get("/health") == "OK", "VictoriaMetrics")

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        """Make what it has taken readable."""
        self._get("/internal/force_flush")

    def forget(self) -> None:
        """Drop everything it has."""
        self.flush()
        self._get('/api/v1/admin/tsdb/delete_series?match[]={__name__!=""}')

    def points(self, metric: str) -> dict[str, list[tuple[int, float]]]:
        """What it holds of a metric: time and value, each once, by printer (and supply)."""
        self.flush()
        found = {}
        for line in self._get(f"/api/v1/export?match[]={metric}&start=1").splitlines():
            series = json.loads(line)
            labels = series["metric"]
            name = "/".join(labels[label] for label in ("printer_id", "supply") if label in labels)
            found[name] = sorted(set(zip(series["timestamps"], series["values"], strict=True)))
        return found

    def _get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:  # noqa: S310 (loopback)
                return str(answer.read().decode())
        except OSError:
            return ""


@contextmanager
def victoria(folder: Path) -> Iterator[Victoria]:
    """A running server; skips where the program is absent."""
    program = which("victoria-metrics")
    if program is None:
        pytest.skip("victoria-metrics is not installed")
    server = Victoria(program, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
