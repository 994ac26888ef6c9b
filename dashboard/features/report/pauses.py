"""Pauses: whose report was spam reports nothing more without an account, from the same address, for a day.

Kept as attempts (dashboard/throttle.py): from which address a report without an account came, and which
addresses are paused. Both name an issue and an address, and are forgotten after FORGOTTEN_AFTER.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from core.domain.units import moment
from core.storage.audit import note
from core.storage.core_tables import ATTEMPTS
from dashboard.throttle import FORGOTTEN_AFTER, TooManyAttempts

_SENDER: Final = "report-sender"
_PAUSE: Final = "report-pause"


class ReportsPaused(TooManyAttempts):
    """Reports without an account are not taken from this address for now."""

    def __init__(self, until: datetime, now: datetime, zone: tzinfo) -> None:
        super().__init__(
            int((until - now).total_seconds()),
            f"Reports from your network are paused until {moment(until, zone)}: sign in, or call the help "
            "desk.",
        )


@dataclass(frozen=True)
class Pause:
    """An address from which no reports are taken without an account, because of an issue that is spam."""

    issue_id: int
    address: str
    since_at: datetime

    @property
    def until_at(self) -> datetime:
        return self.since_at + FORGOTTEN_AFTER


def keep_sender(connection: Connection, issue_id: int, address: str, now: datetime) -> None:
    """Keep from which address a report without an account came; "" is not known, and not kept."""
    if address:
        _put(connection, _SENDER, Pause(issue_id, address, now))


def pauses(connection: Connection, now: datetime) -> list[Pause]:
    """Return the pauses that are not over, the newest first."""
    return _found(connection, f"{_PAUSE}:", now)


def refuse_paused(connection: Connection, address: str, now: datetime, zone: tzinfo) -> None:
    """Raise ReportsPaused where reports from this address are paused."""
    ends = [pause.until_at for pause in pauses(connection, now) if pause.address == address]
    if ends:
        raise ReportsPaused(max(ends), now, zone)


def pause_sender(connection: Connection, issue_id: int, *, actor: str, now: datetime) -> Pause | None:
    """Pause reports from where an issue came, and return that; None where it is not known any more."""
    sent = _found(connection, f"{_SENDER}:{issue_id}:", now)
    if not sent:
        return None
    pause = Pause(issue_id, sent[0].address, now)
    begin_pause(connection, pause, actor=actor, now=now)
    return pause


def reports_from(connection: Connection, address: str, now: datetime) -> list[int]:
    """Return the issues that were reported without an account from an address in the last day."""
    return [sent.issue_id for sent in _found(connection, f"{_SENDER}:", now) if sent.address == address]


def begin_pause(connection: Connection, pause: Pause, *, actor: str, now: datetime) -> None:
    """Have a pause, until when it says. The audit does not name the address: it outlasts the pause."""
    _put(connection, _PAUSE, pause)
    details = {"until": pause.until_at.isoformat(timespec="seconds")}
    note(connection, "reports.paused", f"issue {pause.issue_id}", actor=actor, now=now, details=details)


def end_pause(connection: Connection, pause: Pause, *, actor: str, now: datetime) -> None:
    """End a pause; nothing where somebody has."""
    this = ATTEMPTS.c.key == _key(_PAUSE, pause), ATTEMPTS.c.at == pause.since_at
    if connection.execute(delete(ATTEMPTS).where(*this)).rowcount:
        note(connection, "reports.resumed", f"issue {pause.issue_id}", actor=actor, now=now)


def _put(connection: Connection, kind: str, pause: Pause) -> None:
    connection.execute(insert(ATTEMPTS).values(key=_key(kind, pause), at=pause.since_at))


def _key(kind: str, pause: Pause) -> str:
    return f"{kind}:{pause.issue_id}:{pause.address[:200]}"


def _found(connection: Connection, beginning: str, now: datetime) -> list[Pause]:
    query = select(ATTEMPTS.c.key, ATTEMPTS.c.at).where(
        ATTEMPTS.c.key.startswith(beginning, autoescape=True),
        ATTEMPTS.c.at > now - FORGOTTEN_AFTER,
        ATTEMPTS.c.at < now + FORGOTTEN_AFTER,  # later: from before the clock was set back
    )
    rows = connection.execute(query.order_by(ATTEMPTS.c.at.desc(), ATTEMPTS.c.id.desc()))
    parts = ((*row.key.split(":", 2), row.at) for row in rows)
    return [Pause(int(number), address, at) for _, number, address, at in parts]
