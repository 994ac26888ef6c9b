"""Can summary and notices reach anybody? Looked at by the notifier itself, which sends nothing."""

import json
from collections.abc import Iterator

from console.check.findings import Finding, error
from console.services import check_mail_lines
from fleet.errors import FleetError

_SUBJECT = "mail"


def check_mail() -> Iterator[Finding]:
    """Recipients, mail server, targets of notices, links, and what is stuck in the outbox."""
    try:
        for line in check_mail_lines():
            yield Finding(_SUBJECT, **json.loads(line))
    except FleetError as refused:
        yield error(_SUBJECT, str(refused).rstrip("."), "`python -m notifier --check` says more.")
