"""Failures that are told to a person in one sentence, and the exit codes of every command."""

import errno
import logging
import sys
from collections.abc import Callable

_OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE}
)
"""A full disk, a missing right: wherever a command meets them, a person mends them."""
EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


class UserError(Exception):
    """A fault that a person can mend; the message says what, where and what to do."""


class SettingsError(UserError):
    """A setting is missing or cannot be used."""


class DatabaseError(UserError):
    """The database cannot be opened, is newer than the program, or refuses the work."""


class BrokerError(UserError):
    """The MQTT broker cannot be reached or refuses us."""


class Conflict(UserError):
    """The row was changed by somebody else since it was read."""


def run_command(command: Callable[[], int], told: Callable[[str], str] = str) -> int:
    """Run a command to its exit code; what a person can mend is one line on stderr and exit code 2.

    `told` returns the sentence as it is told here.
    """
    try:
        return command()
    except UserError as error:
        logging.getLogger(__name__).debug("details of the failure", exc_info=True)
        sys.stderr.write(f"error: {told(str(error))}\n")
        return EXIT_USAGE
    except OSError as error:
        if error.errno not in _OF_THE_MACHINE:
            raise
        logging.getLogger(__name__).debug("details of the failure", exc_info=True)
        where = f": {error.filename}" if error.filename else ""
        sys.stderr.write(f"error: {error.strerror}{where}.\n")
        return EXIT_USAGE
    except KeyboardInterrupt:
        return 130
