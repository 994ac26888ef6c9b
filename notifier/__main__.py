"""`python -m notifier`: the service."""

import argparse
import sys

from core.contract.errors import run_command
from core.runtime.logs import configure_logs
from core.runtime.private_files import keep_files_private, make_private
from core.runtime.shutdown import ShutdownSignal


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and serve; returns the exit code."""
    keep_files_private()
    argparse.ArgumentParser(
        prog="python -m notifier",
        description="Sends the daily summary, notices, and mails about issues, until Ctrl-C. "
        "Settings come from the environment and .env. "
        "`printers send-issue-summary` sends the summary now.",
    ).parse_args(arguments)
    return run_command(_serve)


def _serve() -> int:
    from notifier.app import run_service
    from notifier.settings import NotifierSettings

    settings = NotifierSettings.load()
    configure_logs("notifier", debug=settings.common.debug)
    make_private(settings.common.data_dir)
    return run_service(settings, ShutdownSignal().install())


if __name__ == "__main__":
    sys.exit(main())
