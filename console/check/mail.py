"""Can summary and notices reach anybody? Looked at by the notifier's own code, which sends nothing."""

from collections.abc import Iterator

from core.contract.errors import UserError
from core.runtime.check_results import CheckResult, error
from core.runtime.settings import load_blocks


def check_mail() -> Iterator[CheckResult]:
    """Yield findings on recipients, mail server, targets of notices, links, and the outbox."""
    from notifier.checks import check_channels
    from notifier.settings import NotifierSettings

    try:
        yield from check_channels(load_blocks(NotifierSettings))
    except UserError as refused:
        mend = "`printers send-issue-summary --dry-run` shows more."
        yield error(str(refused).rstrip("."), mend)
