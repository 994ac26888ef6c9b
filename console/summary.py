"""`send-issue-summary`: the notifier's daily summary at once."""

from typing import Annotated

import typer

from console.terminal import data_output
from core.contract.errors import EXIT_FAILED, EXIT_OK
from core.runtime.logs import configure_logs
from core.runtime.settings import load_blocks


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
    from notifier.settings import NotifierSettings
    from notifier.summary.send import Options, send_summary

    settings = load_blocks(NotifierSettings)
    configure_logs("notifier", debug=settings.common.debug)
    outcome = send_summary(settings, Options(lookback_hours, include_closed, dry_run, to.strip(), force))
    data_output().write(outcome.text)
    return EXIT_FAILED if outcome.failed else EXIT_OK
