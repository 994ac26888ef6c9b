"""Can summary and notices reach anybody? Looked at by the notifier itself, which sends nothing."""

import json
from collections.abc import Iterator

from console.check.findings import CheckFinding, error
from console.services import check_mail_lines
from core.contract.errors import UserError

_SUBJECT = "mail"


def check_mail() -> Iterator[CheckFinding]:
    """Recipients, mail server, targets of notices, links, and what is stuck in the outbox."""
    try:
        for line in check_mail_lines():
            yield CheckFinding(_SUBJECT, **json.loads(line))
    except UserError as refused:
        yield error(_SUBJECT, str(refused).rstrip("."), "`python -m notifier --check` says more.")
