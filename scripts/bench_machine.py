"""What figures depend on beside the program: the machine, what else it does, its speed at that hour."""

import os
import platform
import time
from typing import Any, Final

import psutil

_ADDITIONS: Final = 5_000_000


def loop_seconds() -> float:
    """Return the CPU seconds of five million additions: by them figures of two runs can be compared."""
    began, total = time.process_time(), 0
    for number in range(_ADDITIONS):
        total += number
    return round(time.process_time() - began, 3)


def machine_now(loop_before: float) -> dict[str, Any]:
    """Return these as JSON has them, at the end of a run before which the loop took so long."""
    return {
        "machine": f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "load": [round(each, 1) for each in psutil.getloadavg()],
        "loop_seconds": [loop_before, loop_seconds()],
    }
