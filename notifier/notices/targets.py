"""Parse the targets of notices: the names of NOTIFY_URLS, whose URLs hold secrets and are never stored.

Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from core.contract.errors import SettingsError
from core.domain.mail_addresses import is_address
from core.runtime.mail_settings import NotifySettings
from core.storage.mail_outbox import APPRISE, MAIL

_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"\s+|[,;](?=[a-z][a-z0-9+.-]*://)", re.IGNORECASE)
"""Not every comma: one may be part of a URL (mailto://...?to=a@b,c@d)."""


@dataclass(frozen=True)
class NoticeTarget:
    """One of them: a plain mail address is written to by our own mail server."""

    name: str
    """The address; else scheme and number (ntfys 2): it stands in the outbox and on the System page."""
    channel: str
    url: str


def notice_targets(settings: NotifySettings) -> tuple[NoticeTarget, ...]:
    """Return the targets of NOTIFY_URLS; raises SettingsError."""
    return _targets(settings.notify_urls, "NOTIFY_URLS", "")


def escalation_targets(settings: NotifySettings) -> tuple[NoticeTarget, ...]:
    """Return the targets of NOTIFY_ESCALATE_URLS, or those of NOTIFY_URLS."""
    own = _targets(settings.notify_escalate_urls, "NOTIFY_ESCALATE_URLS", "escalation ")
    return own or notice_targets(settings)


def apprise_urls(settings: NotifySettings) -> Mapping[str, str]:
    """Return URLs by name, of what goes through Apprise."""
    both = (*notice_targets(settings), *escalation_targets(settings))
    return {target.name: target.url for target in both if target.channel == APPRISE}


def _targets(written: SecretStr | None, variable: str, prefix: str) -> tuple[NoticeTarget, ...]:
    text = written.get_secret_value().strip() if written else ""
    pieces = [piece.strip(",;") for piece in _BETWEEN.split(text)]
    parts = [
        part for piece in pieces for part in ([piece] if "://" in piece else re.split("[,;]", piece)) if part
    ]
    return tuple(_target(part, number, variable, prefix) for number, part in enumerate(parts, 1))


def _target(part: str, number: int, variable: str, prefix: str) -> NoticeTarget:
    if is_address(part):
        return NoticeTarget(part, MAIL, part)
    if not _URL.fullmatch(part):
        raise SettingsError(
            f"{variable}: entry {number} is neither a mail address nor an Apprise URL "
            "(ntfys://ntfy.sh/topic). Correct it in the environment or in .env."
        )
    scheme = part.partition("://")[0].lower()
    return NoticeTarget(f"{prefix}{scheme} {number}", APPRISE, part)
