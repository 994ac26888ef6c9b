"""Can summary and notices reach anybody? Looked at by the notifier's own code, which sends nothing."""

from collections.abc import Iterator
from dataclasses import asdict

from console.check.findings import CheckFinding, error
from core.contract.errors import UserError
from core.runtime.settings import load_blocks

_SUBJECT = "mail"


def check_mail() -> Iterator[CheckFinding]:
    """Yield findings on recipients, mail server, targets of notices, links, and the outbox."""
    from notifier.checks import check_channels
    from notifier.settings import NotifierSettings

    try:
        for found in check_channels(load_blocks(NotifierSettings)):
            yield CheckFinding(_SUBJECT, **asdict(found))
    except UserError as refused:
        mend = "`printers send-issue-summary --dry-run` shows more."
        yield error(_SUBJECT, str(refused).rstrip("."), mend)
