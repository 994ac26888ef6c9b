"""Looks of the terminal of `up`: colors of services and severities, log lines."""

from typing import Final

from rich.text import Text

from console.up.log_lines import LogLine

_PALETTE: Final = ("blue", "yellow", "bright_cyan", "bright_magenta", "bright_green", "bright_blue")
_KNOWN: Final = {"broker": "magenta", "processor": "green", "collector": "cyan", "up": "bright_black"}
LEVELS: Final = {"WARNING": "yellow", "ERROR": "bold red", "CRITICAL": "bold red"}
"""Of what somebody may have to do something about."""

PHASES: Final = {
    "waiting": ("○", "yellow", "starting"),
    "running": ("●", "green", "running"),
    "restarting": ("○", "bold red", "ended, again in"),
    "stopped": ("○", "bright_black", "stopped"),
}
"""Mark, style and word of a process's phase: words, never color alone."""


def service_style(service: str) -> str:
    """Return the color of a service, always the same."""
    return _KNOWN.get(service) or _PALETTE[sum(service.encode()) % len(_PALETTE)]


def log_text(line: LogLine) -> Text:
    """Return one line in colors."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f" {line.at[11:]} ", "bright_black").append(
        f"{line.service:<10}", service_style(line.service)
    )
    if line.level in LEVELS:
        text.append(f"{line.level.lower()} ", LEVELS[line.level])
    return text.append(line.text, "bright_black" if line.level in ("", "DEBUG") else "")
