"""What the console needs of a service it gets by starting it as a process."""

import subprocess
import sys
from contextlib import suppress

from fleet.errors import FleetError

_LONGEST_SECONDS = 180.0


def module_command(module: str, *arguments: str) -> list[str]:
    """The command line of `python -m module` in our own environment."""
    return [sys.executable, "-m", module, *arguments]


def poll_host(host: str, profile: str) -> str:
    """One Reading of a printer as JSON, by the collector; raises FleetError where it gives none."""
    command = module_command("collector", "--host", host, "--profile", profile, "--print")
    return _line_of("the collector", command, "")


def judge(reading: str) -> str:
    """The PrinterState of one Reading as JSON, by the processor."""
    return _line_of("the processor", module_command("processor", "--judge"), reading + "\n")


def _line_of(who: str, command: list[str], given: str) -> str:
    """The first line a service prints; what it complains about becomes our sentence."""
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as child:
        try:
            said, complained = child.communicate(given, timeout=_LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            raise FleetError(f"{who} did not answer within {_LONGEST_SECONDS:.0f} s.") from None
        except KeyboardInterrupt:
            with suppress(OSError):
                child.kill()
            raise
    lines = said.strip().splitlines()
    if not lines:
        last = (complained.strip().splitlines() or [f"exit code {child.returncode}"])[-1]
        raise FleetError(last.removeprefix("error: ") if child.returncode == 2 else f"{who} failed: {last}")  # noqa: PLR2004
    return lines[0]
