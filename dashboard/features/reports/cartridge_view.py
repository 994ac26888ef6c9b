"""The cartridge ledger of a period on the page of reports."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from core.domain.permissions import Permission
from core.domain.supply_parts import money
from core.domain.units import counted, day_and_time
from dashboard.features.reports.cartridge_actions import say_it_was_none
from dashboard.features.reports.cartridge_frames import SPARE_COLUMNS, ledger_frame, yields_frame
from dashboard.features.reports.cartridges import (
    FAILED_SHARE,
    LEAST_YIELDS,
    LedgerFilter,
    LedgerLine,
    early,
    yields,
)
from dashboard.features.reports.periods import Period
from dashboard.features.reports.tables import report_table
from dashboard.features.shared.manager_cached import cartridge_ledger
from dashboard.features.shared.outcomes import perform, show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.query_choice import choice

_AREA: Final = "cartridges"
_OFFERED: Final = 100
"""How many of the newest replacements can be said to be none."""


def show_cartridges(context: PageContext, chosen: Period) -> None:
    """Draw the replacements of the period, yields, early swaps and early failures."""
    zone = context.settings.zone
    show_outcome(_AREA, context)
    since, until = chosen.moments(zone)
    ledger = cartridge_ledger(context.app, until)
    of_period = [line for line in ledger if LedgerFilter(since=since, until=until).takes(line)]
    if not of_period:
        nothing("No supply was replaced in this period.", "Replacements are counted from when this began.")
        return
    wanted = _filter(of_period)
    lines = [line for line in of_period if wanted.takes(line)]
    standing = [line for line in lines if line.event.undone_at is None]
    swapped, failed = early(lines), [line for line in standing if line.failed]
    _figures(context, standing, swapped, failed)
    _ledger_table("Replacements", lines, "cartridges", chosen, zone)
    _undo(context, standing, zone)
    compared = [line for line in ledger if LedgerFilter(wanted.place, wanted.model, wanted.part).takes(line)]
    st.subheader("Yield by part and model", anchor=False)
    st.caption(
        "Pages that the printer counted, in all colors, while a cartridge was in it: of those that began "
        "full and were used up, in the last two years."
    )
    report_table("", yields_frame(yields(compared)), "cartridge-yield", chosen)
    # Both are among the replacements above: folded, so that they do not make a phone's page twice as long.
    if swapped:
        with st.expander(f"Replaced early, with more than 10\N{NO-BREAK SPACE}% left ({len(swapped)})"):
            _ledger_table("", swapped, "early", chosen, zone)
    if failed:
        with st.expander(f"Failed early ({len(failed)})"):
            _ledger_table("", failed, "failed-early", chosen, zone)
            st.caption(
                f"They printed less than {FAILED_SHARE:.0%} of what the median of their part and model "
                f"prints with as much; {LEAST_YIELDS} others must be known."
            )


def _ledger_table(title: str, lines: Sequence[LedgerLine], name: str, chosen: Period, zone: ZoneInfo) -> None:
    report_table(title, ledger_frame(lines, zone), name, chosen, spare=SPARE_COLUMNS)


def _filter(lines: Iterable[LedgerLine]) -> LedgerFilter:
    known = list(lines)
    with st.container(horizontal=True, vertical_alignment="bottom", key="cartridge-filters"):
        place = choice("place", "Place", _options("All places", (line.place for line in known)))
        model = choice("model", "Model", _options("All models", (line.event.model for line in known)))
        part = choice("part", "Part", _options("All parts", (line.event.part for line in known)))
    return LedgerFilter(place, model, part)


def _options(everything: str, values: Iterable[str]) -> dict[str, str]:
    return {"": everything} | {value: value for value in sorted(set(values)) if value}


def _figures(
    context: PageContext,
    standing: Sequence[LedgerLine],
    swapped: Sequence[LedgerLine],
    failed: Sequence[LedgerLine],
) -> None:
    costs = [line.cost for line in swapped if line.cost is not None]
    lost = money(sum(costs, start=Decimal(0)), context.settings.orders.currency)
    hint = f"{lost} wasted with them" if costs else "More than 10\N{NO-BREAK SPACE}% was left in them"
    with st.grid(3, min_column_width=150):
        st.metric("Replaced", f"{len(standing):,}", border=True)
        st.metric("Early", f"{len(swapped):,}", help=hint, border=True)
        st.metric("Failed early", f"{len(failed):,}", border=True)
    if costs:
        words = counted(len(costs), "early swap with a price", "early swaps with a price")
        st.caption(f"{words}: {lost} wasted.")


def _undo(context: PageContext, standing: Sequence[LedgerLine], zone: ZoneInfo) -> None:
    offered = {line.event.event_id: line for line in standing[:_OFFERED]}
    if not offered or not context.viewer.may(Permission.ORDER_SUPPLIES):
        return
    with st.expander("Correct a wrong entry", key="undo-cartridge"):
        chosen = st.selectbox(
            "Replacement",
            list(offered),
            format_func=lambda number: _called(offered[number], zone),
            key="undone-event",
        )
        st.button(
            "Not a replacement",
            icon=":material/undo:",
            help="It stays in the list, marked as undone, and no longer counts.",
            on_click=_say_it_was_none,
            args=(context, chosen),
        )


def _called(line: LedgerLine, zone: ZoneInfo) -> str:
    return f"{day_and_time(line.event.at, zone)}, {line.printer_name}, {line.event.part}"


def _say_it_was_none(context: PageContext, event_id: int | None) -> None:
    if event_id is not None:
        perform(_AREA, context, say_it_was_none, event_id)
