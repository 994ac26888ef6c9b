"""`python -m notifier`: the service, the summary on demand, and the checks of `printers check`."""

import argparse
import sys
from typing import Final

from core.contract.errors import run_command
from core.runtime.private_files import keep_files_private
from core.runtime.service import prepare, run_service

_EPILOG: Final = """
examples:
  python -m notifier
      the service, until Ctrl-C; settings by environment and .env
  python -m notifier --send-summary --dry-run
      show the summary, send nothing
  python -m notifier --send-summary --to me@example.org --lookback-hours 72
      one about the last three days, to one address; the daily one stays due
"""


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and do it; returns the exit code."""
    keep_files_private()
    parser = _parser()
    options = parser.parse_args(arguments)
    asked = (options.lookback_hours, options.include_closed, options.dry_run, options.to, options.force)
    if any(asked) and not options.send_summary:
        parser.error("these options belong to --send-summary")
    if options.send_summary:
        return run_command(lambda: _send_summary(options))
    if options.check:
        return run_command(_check)
    return run_command(_serve)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m notifier",
        description="Sends the daily summary, notices, and mails about issues.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--send-summary", action="store_true", help="send the summary now, unless it was sent")
    modes.add_argument(
        "--check", action="store_true", help="look whether mail can leave; findings as JSON lines"
    )
    summary = parser.add_argument_group("with --send-summary")
    summary.add_argument(
        "--lookback-hours", type=_hours, metavar="N", help="an extra one about the last N hours"
    )
    summary.add_argument(
        "--include-closed", action="store_true", help="list closed issues among the resolved"
    )
    summary.add_argument(
        "--dry-run", action="store_true", help="print it, write its HTML to a file, send nothing"
    )
    summary.add_argument("--to", metavar="ADDR", default="", help="an extra one to this address alone")
    summary.add_argument("--force", action="store_true", help="an extra one, though it was sent already")
    return parser


def _hours(text: str) -> float:
    hours = float(text)
    if not 0 < hours <= 24 * 366:
        raise argparse.ArgumentTypeError("a number of hours between 0 and 8784 is wanted")
    return hours


def _serve() -> int:
    from notifier.app import run
    from notifier.settings import NotifierSettings

    return run_service("notifier", NotifierSettings.load, run)


def _send_summary(options: argparse.Namespace) -> int:
    from notifier.settings import NotifierSettings
    from notifier.summary.send import Options, send_summary

    settings = prepare("notifier", NotifierSettings.load)
    return send_summary(
        settings,
        Options(
            lookback_hours=options.lookback_hours,
            include_closed=options.include_closed,
            dry_run=options.dry_run,
            to=options.to.strip(),
            force=options.force,
        ),
    )


def _check() -> int:
    from notifier.checks import print_checks
    from notifier.settings import NotifierSettings

    settings = prepare("notifier", NotifierSettings.load)
    return print_checks(settings)


if __name__ == "__main__":
    sys.exit(main())
