"""`python -m processor`: the service, and what other commands pipe through it."""

import argparse
import io
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from core.contract.errors import run_command
from core.runtime.logs import configure_logs
from core.runtime.private_files import keep_files_private
from core.runtime.service import run_service
from core.runtime.settings import (
    CommonSettings,
    DatabaseSettings,
    HistorySettings,
    RuleSettings,
    load,
)

if TYPE_CHECKING:
    from core.timeseries.copying import Target

_EPILOG: Final = """
examples:
  python -m processor
      the service, until Ctrl-C; settings by environment and .env
  python -m collector --host 10.0.0.7 --print | python -m processor --judge
      judge one reading, without broker or database
  python -m processor --load-history < points.jsonl
      write old points into the time series
"""


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and do it; returns the exit code."""
    keep_files_private()
    options = _parser().parse_args(arguments)
    if options.judge:
        return run_command(lambda: _piped(_judge))
    if options.load_history:
        return run_command(lambda: _piped(_load_history))
    if options.influx_setup:
        return run_command(lambda: _piped(partial(_set_up_influx, options.set_retention)))
    if options.copy_history:
        return run_command(lambda: _piped(partial(_copy_history, options.copy_history)))
    if options.resend_refused:
        return run_command(lambda: _piped(_resend_refused))
    return run_command(_serve)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m processor",
        description="Judges readings, stores what they say, and tells other systems.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument(
        "--judge",
        action="store_true",
        help="JSON lines of Reading on stdin to JSON lines of PrinterState on stdout; a printer's readings"
        " are judged in sequence, its first one counts as unreachable where it was not answered",
    )
    modes.add_argument(
        "--load-history",
        action="store_true",
        help="JSON lines of HistoryPoint on stdin into the time series (DATA_DIR or INFLUXDB_URL); points"
        " that are there already stay as they are",
    )
    modes.add_argument(
        "--influx-setup",
        action="store_true",
        help="make the buckets and the task in InfluxDB that are missing",
    )
    modes.add_argument(
        "--copy-history",
        choices=("influx", "embedded"),
        help="copy history from DATA_DIR to INFLUXDB_URL, or back; progress as JSON lines on stdout",
    )
    modes.add_argument(
        "--resend-refused",
        action="store_true",
        help="write the points once more that the time series has refused; progress as JSON lines on stdout",
    )
    parser.add_argument(
        "--set-retention",
        action="store_true",
        help="with --influx-setup: change how long buckets that are there keep points",
    )
    return parser


def _serve() -> int:
    from processor.app import run
    from processor.settings import ProcessorAppSettings

    return run_service("processor", ProcessorAppSettings.load, run)


def _judge(source: io.TextIOWrapper, target: io.TextIOWrapper) -> int:
    from processor.commands import judge_lines

    return judge_lines(source, target, load(RuleSettings))


def _load_history(source: io.TextIOWrapper, target: io.TextIOWrapper) -> int:
    from processor.commands import load_history

    return load_history(source, target, load(HistorySettings))


def _set_up_influx(set_retention: bool, _source: io.TextIOWrapper, target: io.TextIOWrapper) -> int:
    from processor.commands import set_up_influx

    return set_up_influx(target, load(HistorySettings), set_retention=set_retention)


def _copy_history(to: "Target", _source: io.TextIOWrapper, target: io.TextIOWrapper) -> int:
    from processor.commands import copy_history

    return copy_history(target, load(HistorySettings), to)


def _resend_refused(_source: io.TextIOWrapper, target: io.TextIOWrapper) -> int:
    from processor.commands import resend_refused

    return resend_refused(target, load(HistorySettings), load(DatabaseSettings))


def _piped(command: Callable[[io.TextIOWrapper, io.TextIOWrapper], int]) -> int:
    configure_logs("processor", debug=load(CommonSettings).debug)
    source = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    target = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
    try:
        code = command(source, target)
        target.flush()
    except BrokenPipeError:  # nobody reads on: what is left is for nobody
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
