"""`python -m notifier`: the service."""

import argparse
import sys

from core.contract.errors import run_command
from core.runtime.importing import importing
from core.runtime.private_files import keep_files_private
from core.runtime.service import run_service


def main(arguments: list[str] | None = None) -> int:
    """Run the service; return its exit code."""
    keep_files_private()
    argparse.ArgumentParser(
        prog="python -m notifier",
        description="Sends the daily summary, notices, and mails about issues, until Ctrl-C. "
        "Settings come from the environment and .env. "
        "`printers send-issue-summary` sends the summary now.",
    ).parse_args(arguments)
    return run_command(_serve)


def _serve() -> int:
    with importing():
        from notifier.app import run
        from notifier.settings import NotifierSettings

    return run_service("notifier", NotifierSettings.load, run)


if __name__ == "__main__":
    sys.exit(main())
