"""The targets of notices, by the names of NOTIFY_URLS: its URLs hold secrets and are not stored. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import SecretStr

from core.contract.errors import SettingsError
from core.domain.mail_addresses import is_address
from core.domain.mail_choices import MailChoices
from core.domain.mail_kinds import MailKind
from core.mails.readers import MailReader
from core.runtime.mail_settings import NotifySettings
from core.storage.mail_outbox import MAIL
from notifier.notices.decide import Notice

APPRISE: Final = "apprise"
"""The channel of every entry that is a URL."""
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
    choices: MailChoices | None = None
    """Those of the user whose address it is; None where it is nobody's."""

    def of(self, message: Notice) -> Notice | None:
        """Return what of a message is for this target; None where nothing is.

        An outage, and its end, is told whole: it concerns whoever wants to know of one of its printers.
        """
        if self.choices is None:
            return message
        concerned = tuple(
            one for one in message.conditions if self.choices.concerns(one.severity, one.location)
        )
        if message.kind in (MailKind.OUTAGE, MailKind.OUTAGE_OVER):
            silent = any(self.choices.concerns(one.severity, one.location) for one in message.still_silent)
            return message if concerned or silent else None
        return replace(message, conditions=concerned) if concerned else None


def with_readers(
    targets: Iterable[NoticeTarget], readers: Sequence[MailReader], *, subscribers: bool
) -> tuple[NoticeTarget, ...]:
    """Return targets by what the users whose addresses they are have chosen.

    With `subscribers`, also users that the settings do not name and who have chosen to be told.
    """
    known = list(targets)
    listed = {target.name.casefold() for target in known if target.channel == MAIL}
    wanting = {
        reader.email.casefold(): reader
        for reader in readers
        if reader.choices.receives_notices(listed=reader.email.casefold() in listed)
    }
    owned = {reader.email.casefold() for reader in readers}
    found = []
    for target in known:
        key = target.name.casefold()
        if target.channel != MAIL or key not in owned:
            found.append(target)
        elif key in wanting:
            found.append(replace(target, choices=wanting.pop(key).choices))
    if subscribers:
        more = [reader for key, reader in wanting.items() if key not in listed]
        found += [NoticeTarget(one.email, MAIL, one.email, one.choices) for one in more]
    return tuple(found)


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
