"""What a page of the fleet's list says beside its light rows: the first flag, and the lowest supply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from core.contract.messages import Supply
from core.contract.printer_mib import RECEPTACLE
from core.domain.conditions import flag_sentence
from core.domain.part_names import supply_name
from core.storage.core_tables import SNAPSHOTS
from core.storage.states import STATE_COLUMNS, STATES, state_json
from dashboard.public_state import allowed, part_of, public_sentence


@dataclass(frozen=True)
class ListedDetails:
    """Of one printer, all of the same reading."""

    state: str = ""
    severity: str | None = None
    message: str = ""
    public_message: str = ""
    """The same in our own words, for who does not see addresses;"""
    public_supply: str = ""
    """and so the name of the supply."""
    fixer: str = ""
    since_at: str = ""
    """ISO 8601."""
    flags: int = 0
    supply: str = ""
    colorant: str | None = None
    taken_at: datetime | None = None
    reachable: bool = True
    """Whether the reading was answered;"""
    answered_at: datetime | None = None
    """else when the last one was."""
    some_left: bool = False
    """No supply is measured, but one has some left."""
    gap: str = ""
    """The first sentence on what is not known of the printer."""


def read_details(connection: Connection, printer_ids: Sequence[str]) -> dict[str, ListedDetails]:
    """By printer; those without a snapshot are left out."""
    query = select(SNAPSHOTS.c.printer_id, *STATE_COLUMNS).select_from(STATES)
    rows = connection.execute(query.where(SNAPSHOTS.c.printer_id.in_(printer_ids)))
    return {row.printer_id: _details(state_json(row), row.taken_at) for row in rows}


def _details(state: Mapping[str, Any], taken_at: datetime) -> ListedDetails:
    flags = state.get("attention") or []
    answered = state.get("answered_at")
    first = flags[0] if flags else {}
    message = _message(first) if first else ""
    consumed = [one for one in state.get("supplies") or [] if one.get("supply_class") != RECEPTACLE]
    measured = [one for one in consumed if one.get("level_percent") is not None]
    lowest: Mapping[str, Any] = min(measured, key=lambda one: int(one["level_percent"]), default={})
    return ListedDetails(
        state=str(state.get("state") or ""),
        severity=state.get("severity"),
        message=message,
        public_message=_public_message(first, message, state) if first else "",
        public_supply=supply_name(allowed(Supply.model_validate(lowest))) if lowest else "",
        fixer=str(first.get("fixer") or ""),
        since_at=str(first.get("since_at") or ""),
        flags=len(flags),
        taken_at=taken_at,
        reachable=bool(state.get("reachable")),
        answered_at=datetime.fromisoformat(answered) if answered else None,
        supply=supply_name(Supply.model_validate(lowest)) if lowest else "",
        colorant=lowest.get("colorant"),
        gap=str(next(iter(state.get("gaps") or []), "")),
        some_left=not measured and any(one.get("level_state") == "some_remaining" for one in consumed),
    )


def _message(flag: Mapping[str, Any]) -> str:
    return flag_sentence(flag.get("code") or "", flag.get("parameters"), str(flag.get("message") or ""))


def _public_message(flag: Mapping[str, Any], message: str, state: Mapping[str, Any]) -> str:
    code, subject = str(flag.get("code") or ""), flag.get("subject")
    part = part_of(code)
    parts = state.get(part.field) or [] if part and subject else []
    about = next((one for one in parts if one.get("index") == subject), None)
    concerned = part.record.model_validate(about) if part and about else None
    return public_sentence(code, message, concerned)


def for_everybody(details: Mapping[str, ListedDetails]) -> dict[str, ListedDetails]:
    """Return the same without a printer's own words."""
    return {
        printer_id: replace(one, message=one.public_message, supply=one.public_supply)
        for printer_id, one in details.items()
    }


def since(details: ListedDetails) -> datetime | None:
    """Since when the first flag is there."""
    return datetime.fromisoformat(details.since_at) if details.since_at else None
