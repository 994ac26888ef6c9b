"""`python -m notifier`: the service."""

import argparse
import sys
from collections.abc import Callable

from core.contract.errors import run_command
from core.runtime.private_files import keep_files_private
from core.runtime.service import run_service
from core.runtime.shutdown import ShutdownSignal
from notifier.settings import NotifierSettings


def main(arguments: list[str] | None = None) -> int:
    """Run the service; return its exit code."""
    keep_files_private()
    argparse.ArgumentParser(
        prog="python -m notifier",
        description="Sends the daily summary, notices, and mails about issues, until Ctrl-C. "
        "Settings come from the environment and .env. "
        "`printers send-issue-summary` sends the summary now.",
    ).parse_args(arguments)
    return run_command(lambda: run_service("notifier", NotifierSettings, _import_run))


def _import_run() -> Callable[[NotifierSettings, ShutdownSignal], None]:
    from notifier.app import run

    return run


if __name__ == "__main__":
    sys.exit(main())
