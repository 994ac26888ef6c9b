"""What the console needs of a service it gets by starting it as a process."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from core.contract.errors import EXIT_USAGE, UserError

_LONGEST_SECONDS = 180.0


def module_command(module: str, *arguments: str) -> list[str]:
    """The command line of `python -m module` in our own environment."""
    return [sys.executable, "-m", module, *arguments]


def poll_host(host: str, profile: str) -> str:
    """One Reading of a printer as JSON, by the collector; raises UserError where it gives none."""
    return poll_hosts([host], profile)[0]


def poll_hosts(hosts: Sequence[str], profile: str) -> list[str]:
    """One Reading of each printer, in any order."""
    named = [argument for host in hosts for argument in ("--host", host)]
    return _lines_of(
        "the collector", module_command("collector", *named, "--profile", profile, "--print"), ""
    )


def judge(reading: str) -> str:
    """The PrinterState of one Reading as JSON, by the processor."""
    return _lines_of("the processor", module_command("processor", "--judge"), reading + "\n")[0]


def check_mail_lines() -> list[str]:
    """The findings of the notifier about mail, as JSON."""
    return _lines_of("the notifier", module_command("notifier", "--check"), "")


def _lines_of(who: str, command: list[str], given: str) -> list[str]:
    """The lines a service prints, at least one; what it complains about becomes our sentence."""
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
            raise UserError(f"{who} did not answer within {_LONGEST_SECONDS:.0f} s.") from None
        except KeyboardInterrupt:
            with suppress(OSError):
                child.kill()
            raise
    lines = said.strip().splitlines()
    if not lines:
        last = (complained.strip().splitlines() or [f"it ended with {child.returncode}"])[-1]
        raise UserError(
            last.removeprefix("error: ") if child.returncode == EXIT_USAGE else f"{who} failed: {last}"
        )
    return lines
