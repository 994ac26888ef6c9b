"""`send-issue-summary`: the notifier's daily summary at once, by starting the notifier."""

import subprocess
from typing import Annotated

import typer

from console.services import module_command


def send_issue_summary(
    lookback_hours: Annotated[
        float | None, typer.Option(min=0.01, max=8784, metavar="N", help="One about the last N hours.")
    ] = None,
    include_closed: Annotated[
        bool, typer.Option("--include-closed", help="List closed issues among the resolved.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print it, write its HTML to a file, send nothing.")
    ] = False,
    to: Annotated[str, typer.Option(metavar="ADDR", help="One to this address alone.")] = "",
    force: Annotated[bool, typer.Option("--force", help="One more, though it was sent already.")] = False,
) -> int:
    """Send the daily issue summary now, unless it was sent already.

    With --lookback-hours, --to or --force it is an extra one, and the daily one comes as ever.

    Example: [bold]printers send-issue-summary --dry-run[/bold]
    """
    arguments = ["--send-summary"]
    arguments += ["--lookback-hours", str(lookback_hours)] if lookback_hours is not None else []
    arguments += ["--to", to] if to else []
    flags = {"--include-closed": include_closed, "--dry-run": dry_run, "--force": force}
    arguments += [flag for flag, wanted in flags.items() if wanted]
    return subprocess.run(module_command("notifier", *arguments), check=False).returncode
