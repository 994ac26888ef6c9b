"""The notifier as a process of its own, for tests."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.brokers import free_port
from tests.paths import ROOT


class Notifier:
    """`python -m notifier`, which can be killed and started again."""

    def __init__(self, data_dir: Path, smtp_port: int, **settings: str) -> None:
        self._folder = data_dir
        self._environment = {
            **os.environ,
            "DATA_DIR": str(data_dir),
            "INSTANCE": "test",
            "MQTT_PORT": str(free_port()),
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(smtp_port),
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "notifier.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "notifier"],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def notifier(data_dir: Path, smtp_port: int, **settings: str) -> Iterator[Notifier]:
    """A running one; killed afterwards, what it said is shown when the test fails."""
    one = Notifier(data_dir, smtp_port, **settings)
    one.start()
    try:
        yield one
    except BaseException:
        sys.stderr.write((data_dir / "notifier.log").read_text(errors="replace"))
        raise
    finally:
        one.kill()
