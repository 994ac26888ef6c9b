"""The suggestion to mute what a printer has reported for weeks while it printed.

Printers list toner that they have no slot for, and trays that nobody fills: read as *empty*, for ever.
"""

from datetime import datetime, timedelta
from typing import Final

from core.contract.messages import Attention
from core.domain.conditions import NO_PAPER, USED_UP
from core.domain.units import counted
from dashboard.features.attention.queries import Flag
from dashboard.features.mutes.dialog import may_mute
from dashboard.features.stoppages.kept import HINT_DAYS, kept_scorecard
from dashboard.page_context import PageContext

_AT_ITS_END: Final = USED_UP | {NO_PAPER}
_ENOUGH_PAGES: Final = 200
"""Fewer may have been printed with what was left, or by hand from another tray."""


def mute_suggestion(context: PageContext, printer_id: str, flag: Flag | Attention, now: datetime) -> str:
    """Return a sentence about a flag that says since HINT_DAYS that a part is at its end; "" for others.

    Said to who may mute it, where the printer has printed enough meanwhile; nothing while that is not known.
    """
    is_old = now - flag.since_at >= timedelta(days=HINT_DAYS)
    if flag.code not in _AT_ITS_END or not flag.subject or not is_old:
        return ""
    if not may_mute(context.viewer, flag.code):
        return ""
    card = kept_scorecard(context.app)
    score = card.scores.get(printer_id) if card is not None else None
    pages = score.own.pages if score is not None else None
    if pages is None or pages < _ENOUGH_PAGES:
        return ""
    printed = f"{counted(pages, 'page')} in the last {counted(HINT_DAYS, 'day')}"
    return f"It prints all the same: {printed}. If it has no such part, or nobody uses it, mute this."
