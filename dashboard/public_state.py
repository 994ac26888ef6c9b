"""Fields of a printer that everybody may see where the portal is public (PORTAL_PUBLIC).

What a printer says in words of its own (its panel, its alerts, names of trays and supplies) may hold
addresses, host names and the names of those who print. So nothing is passed on that is not listed here, and
names of parts only where they are made of ordinary words ("Tray 2", "Black toner"). What else is wrong is
said in our own words, by the flag's code.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from core.contract.messages import Alert, Attention, Cover, InputTray, OutputTray, PrinterState, Supply
from core.domain import outages
from core.domain.conditions import of_part, parts_of, sentence
from core.domain.part_names import cover_name, output_tray_name, supply_name, tray_name
from core.domain.wording import CATEGORIES
from core.storage.issues import VENDOR_FIELDS, IssueRow
from core.storage.tables import IssueKind
from dashboard.ordinary_words import is_ordinary
from dashboard.ui.theme import COLORANTS, ink_of

_Record = TypeVar("_Record", bound=BaseModel)

_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_INDEX: Final = re.compile(r"\d{1,10}(?:\.\d{1,10}){0,3}")
_ADDRESS: Final = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}"  # IPv4
    r"|(?:[0-9a-f]{1,4}:){2,}|::[0-9a-f]"  # IPv6
    r"|(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}"  # MAC
    r"|@|://|\\\\|//"
    r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+){2,}\b"  # a host's full name; of two parts where the last is usual
    r"|\b[a-z0-9-]+\.(?:local|localdomain|lan|home|corp|internal|intranet|example|test|com|org|net|edu)\b",
    re.IGNORECASE,
)


def _plain(value: Any) -> Any:
    """Return numbers, times, true and false; and what our own models restrict to their words (Literal)."""
    return value


def _word(value: str | None) -> str | None:
    """Return a word of the MIB, which our decoder takes from a number."""
    return value if value is not None and _WORD.fullmatch(value) else None


def _words(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if _WORD.fullmatch(value))


def _index(value: str) -> str:
    """Return the row of a table; two dots and more would be the beginning of an address."""
    return value if _INDEX.fullmatch(value) and value.count(".") < 2 else ""  # noqa: PLR2004 (device and row)


def _name(value: str | None) -> str | None:
    """Return the name of a part, in ordinary words."""
    return value if value is not None and is_ordinary(value) else None


def _colorant(value: str | None) -> str | None:
    """Return a color that we know, by our name for it."""
    known = ink_of(value)
    return known if known in COLORANTS else None


@lru_cache(maxsize=4096)
def public_model(text: str) -> str:
    """Return a printer's model as everybody may read it; "" where an address is in it."""
    return "" if _ADDRESS.search(text) else text


def _model(value: str | None) -> str | None:
    return public_model(value or "") or None


def _all(records: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(allowed(record) for record in records)


_Pass = Callable[[Any], Any]
_ALLOWED: Final[Mapping[type[BaseModel], Mapping[str, _Pass]]] = {
    PrinterState: {
        "printer_id": _plain,
        "taken_at": _plain,
        "answered_at": _plain,
        "stale_at": _plain,
        "reachable": _plain,
        "state": _plain,
        "severity": _plain,
        "device_status": _word,
        "printer_status": _word,
        "detected_errors": _words,
        "alerts": _all,
        "supplies": _all,
        "input_trays": _all,
        "output_trays": _all,
        "covers": _all,
        "marker_life_count": _plain,
        "counter_unit": _word,
        "model": _model,
        "incomplete_tables": _words,
    },
    Attention: {
        "code": _word,
        "subject": _index,
        "severity": _plain,
        "since_at": _plain,
        "fixer": _plain,
        "readings": _plain,
        "stops": _plain,
    },
    Alert: {
        "index": _index,
        "severity": _word,
        "training_level": _word,
        "group": _word,
        "group_index": _plain,
        "location": _plain,
        "code": _word,
        "time": _plain,
    },
    Supply: {
        "index": _index,
        "description": _name,
        "supply_type": _word,
        "supply_class": _word,
        "supply_unit": _word,
        "colorant": _colorant,
        "level": _plain,
        "max_capacity": _plain,
        "level_state": _plain,
        "level_percent": _plain,
        "pages_left": _plain,
    },
    InputTray: {
        "index": _index,
        "name": _name,
        "description": _name,
        "input_type": _word,
        "capacity_unit": _word,
        "status": _plain,
        "level": _plain,
        "max_capacity": _plain,
        "level_state": _plain,
        "level_percent": _plain,
    },
    OutputTray: {
        "index": _index,
        "name": _name,
        "description": _name,
        "status": _plain,
        "remaining": _plain,
        "max_capacity": _plain,
        "level_state": _plain,
        "remaining_percent": _plain,
    },
    Cover: {"index": _index, "description": _name, "status": _word},
}
"""By record: the fields that are passed on, each with what it has to be."""

_GENERAL: Final = "It needs attention."


def allowed(record: _Record) -> _Record:
    """Return the record with its allowed fields alone; the others are as if nothing had been reported."""
    fields = _ALLOWED[type(record)]
    return type(record).model_construct(
        **{name: passed(getattr(record, name)) for name, passed in fields.items()}
    )


def public_state(state: PrinterState) -> PrinterState:
    """Return a printer's state as everybody may read it."""
    shown = allowed(state)
    return shown.model_copy(update={"attention": tuple(_flag(flag, shown) for flag in state.attention)})


def public_sentence(code: str, message: str, concerned: BaseModel | None = None) -> str:
    """Return what a flag says: its message as it is now, if in ordinary words; else what its code means.

    `concerned` is the part that it is about, where there is one.
    """
    if is_ordinary(message):
        return message
    name = None if concerned is None else _PART_NAMES[parts_of(code)](allowed(concerned))
    return sentence(code, of_part(name)) or _GENERAL


def public_title(title: str) -> str:
    """Return the title of an issue that the system has opened; "" where it is not in ordinary words."""
    return title if is_ordinary(title) else ""


def public_issue(row: IssueRow) -> IssueRow:
    """Return the row of an issue for who works on it without seeing addresses.

    What people wrote stays; what a printer said does not, nor where to reach the reporter.
    """
    if row.kind != IssueKind.DEVICE:
        return replace(row, contact="")
    if row.attention_code == outages.CODE:  # no printer has said anything of it
        return row
    title = public_title(row.title) or CATEGORIES.get(row.category, "")
    return replace(row, contact="", title=title, details="")


_PUBLIC_DETAILS: Final = frozenset(
    {
        "from",
        "to",
        "text",
        "status",
        "assignee",
        "priority",
        "category",
        "into",
        "issue",
        "case",
        "place",
        *VENDOR_FIELDS,
    }
)


def public_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event of an issue says, without serial numbers and words of printers."""
    return {name: value for name, value in details.items() if name in _PUBLIC_DETAILS}


_PART_NAMES: Final[Mapping[str, Callable[[Any], str]]] = {
    "supplies": supply_name,
    "input_trays": tray_name,
    "output_trays": output_tray_name,
    "covers": cover_name,
}
"""What parts are called, by where PrinterState has them."""


def public_message(flag: Attention, state: PrinterState) -> str:
    """Return what a flag of a printer in that state says, as everybody may read it."""
    field = parts_of(flag.code)
    parts = getattr(state, field) if field and flag.subject else ()
    concerned = next((one for one in parts if one.index == flag.subject), None)
    return public_sentence(flag.code, flag.message, concerned)


def _flag(flag: Attention, shown: PrinterState) -> Attention:
    safe = allowed(flag)
    return safe.model_copy(update={"code": safe.code or "", "message": public_message(flag, shown)})
