"""The hint that a printer stops far more often than others, wherever somebody looks at it."""

from dataclasses import dataclass
from urllib.parse import quote

import streamlit as st

from core.domain.permissions import Permission
from core.domain.units import counted, number
from core.domain.wording import condition_name, within_line
from dashboard.app_context import AppContext
from dashboard.features.stoppages.kept import kept_scorecard
from dashboard.features.stoppages.rates import PER_PAGES
from dashboard.features.stoppages.scorecard import PrinterScore, Scorecard
from dashboard.ui.templates import render
from dashboard.viewer import Viewer


@dataclass(frozen=True)
class Comparison:
    """A printer's rate beside that of others, in words."""

    own: str
    """`12 stops in 30 days`"""
    often: str
    """`most often: jam`; empty where it did not stop."""
    rate: str
    """`8.1 per 10,000 pages`; empty where its pages are not known."""
    others: tuple[str, ...]
    """`others of this model: 1.5`, `all others: 1.2`."""

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        said = ", ".join(filter(None, (self.own, self.often, self.rate)))
        return f"{said}; {'; '.join(self.others)}." if self.rate and self.others else f"{said}."


def comparison(score: PrinterScore, card: Scorecard) -> Comparison:
    """Return what a printer did beside what others of its model and of the fleet did."""
    of_model, rest = card.of_model(score), card.rest(score)
    others = []
    if of_model is not None and (rate := of_model.counted.rate) is not None:
        others.append(f"others of this model: {number(rate)}")
    if (rate := rest.counted.rate) is not None:
        others.append(f"all others: {number(rate)}")
    own_rate = score.own.rate
    return Comparison(
        f"{counted(score.own.stops, 'stop')} in {counted(card.days, 'day')}",
        f"most often: {within_line(condition_name(score.most_often))}" if score.most_often else "",
        f"{number(own_rate)} per {PER_PAGES:,} pages" if own_rate is not None else "",
        tuple(others),
    )


def may_see_sheet(viewer: Viewer) -> bool:
    """Return whether somebody may see service sheets, and hints that lead there."""
    return viewer.may(Permission.WORK_ISSUES) and viewer.sees_addresses


def sheet_path(printer_id: str) -> str:
    """Return where the service sheet of a printer is."""
    return f"/service-sheet/{quote(printer_id, safe='')}"


def chronic_hint(app_context: AppContext, viewer: Viewer, printer_id: str) -> None:
    """Draw the hint where the printer stops far more often than others, to those whom it concerns."""
    if not may_see_sheet(viewer):
        return
    card = kept_scorecard(app_context)
    score = card.scores.get(printer_id) if card is not None else None
    if card is not None and score is not None and card.is_chronic(score):
        draw_hint(score, card)


def draw_hint(score: PrinterScore, card: Scorecard, name: str = "") -> None:
    """Draw the hint about a printer; with its name where the page is not about it."""
    said, printer_id = comparison(score, card).sentence, score.printer_id
    st.html(
        render("stoppages/hint", said=said, printer_id=printer_id, name=name, path=sheet_path(printer_id))
    )
