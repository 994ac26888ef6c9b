"""The supplies that somebody has to bring, as the daily summary lists them: by the part they need. Pure."""

from dataclasses import dataclass
from typing import Final

from core.domain.links import Links
from core.domain.supply_parts import KINDS
from core.mails.clean_text import one_line
from core.mails.facts import NeededPart
from core.mails.phrases import days_to_go

_URGENT_DAYS: Final = 1.0
_OTHER: Final = "other"


@dataclass(frozen=True)
class PartLine:
    """A part that supplies need: `5 x T9454`."""

    title: str
    """How many, and the part's number; its name where it has none."""
    what: str
    """Color and kind, where the title is a number."""
    when: str
    """How many are empty, and when the first of the others is."""
    in_stock: int | None
    """None where nobody has stored the part."""
    is_urgent: bool
    url: str


def part_line(needed: NeededPart, links: Links) -> PartLine:
    """Return the line of a part."""
    part, held = needed.part, needed.due[0].held
    number = part.number if part is not None else held.number
    name = part.name if part is not None else held.called
    color, kind = (part.color, part.kind) if part is not None else (held.color, held.kind)
    what = " ".join(filter(None, (color, "" if kind == _OTHER else KINDS.get(kind, "").lower())))
    empty = sum(one.is_empty for one in needed.due)
    days = min((one.days_left or 0.0 for one in needed.due if not one.is_empty), default=None)
    soon = "" if days is None else days_to_go(days)
    lead = "next " if empty else "first " if len(needed.due) > 1 else ""
    said = (f"{empty} empty" if empty else "", f"{lead}{soon}" if soon else "")
    return PartLine(
        title=f"{len(needed.due):,} \N{MULTIPLICATION SIGN} {one_line(number or name, 80)}",
        what=(what or one_line(name, 40)) if number else "",
        when=", ".join(filter(None, said)),
        in_stock=needed.in_stock.on_hand if part is not None else None,
        is_urgent=bool(empty) or (days is not None and days <= _URGENT_DAYS),
        url=links.supplies,
    )
