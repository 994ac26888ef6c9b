"""`python -m tests.set_clock FILE SERVICE`: runs a service by a wall clock that FILE sets while it runs.

FILE holds the seconds by which the clock is ahead of the machine's. Only this process sees it: nobody may set
the machine's clock for a test. The monotonic clock is the machine's, as it is where people set a clock.
"""

import datetime as datetime_module
import importlib
import pkgutil
import runpy
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

_REAL = datetime_module.datetime
_REAL_TIME = time.time
_LOOK_SECONDS = 0.05
HEARTBEAT_SECONDS = 2
"""Instead of thirty: a test waits for some of them."""


class _Shift:
    seconds = 0.0

    def follow(self, file: Path) -> None:
        while True:
            self.seconds = float(file.read_text() or self.seconds)
            time.sleep(_LOOK_SECONDS)


_SHIFT = _Shift()


class _SetDatetime(_REAL):
    """Takes the place of datetime in our modules, once they are imported; gives plain times."""

    @classmethod
    def now(cls, tz: datetime_module.tzinfo | None = None) -> Any:
        return _REAL.now(tz) + datetime_module.timedelta(seconds=_SHIFT.seconds)


def _set_in(package: str) -> None:
    """Import all of a service, with what it needs of `core`: the rest would take half as long again."""
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    for name, module in list(sys.modules.items()):
        if name.startswith(("core.", f"{package}.")) and getattr(module, "datetime", None) is _REAL:
            vars(module)["datetime"] = _SetDatetime


def main(file: Path, package: str) -> None:
    """Run it as `python -m PACKAGE` would."""
    threading.Thread(target=_SHIFT.follow, args=(file,), daemon=True).start()
    mqtt_link = importlib.import_module("core.runtime.mqtt_link")
    vars(mqtt_link)["HEARTBEAT_SECONDS"] = HEARTBEAT_SECONDS
    _set_in(package)
    # The library that plans calendar work knows the module by this name, and looks at the clock itself.
    library = types.SimpleNamespace(**vars(datetime_module) | {"datetime": _SetDatetime})
    vars(importlib.import_module("schedule"))["datetime"] = library
    time.time = lambda: _REAL_TIME() + _SHIFT.seconds
    sys.argv = [package]
    runpy.run_module(package, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
