"""Convert what queries find into the answers of the JSON routes. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.domain.links import Links
from core.domain.parts import Catalog
from core.domain.purchase_list import PurchaseLine
from core.storage.announcements import Announcement
from core.storage.issues import IssueRow
from core.storage.mutes import KnownMute
from core.storage.out_of_service import OutOfService
from core.storage.stock import StockLine
from dashboard.api.models import (
    AnnouncementAnswer,
    EventAnswer,
    ForecastAnswer,
    IssueAnswer,
    IssueWithEvents,
    MutedAnswer,
    OpenIssue,
    OutOfServiceAnswer,
    PrinterAnswer,
    PrinterLine,
    PurchaseAnswer,
    ShelfAnswer,
    StopsAnswer,
    SupplyEventAnswer,
    UsageAnswer,
)
from dashboard.features.fleet.queries import Listed
from dashboard.features.issues.issue_queries import IssueView
from dashboard.features.printer.queries import PrinterView
from dashboard.features.reports.cartridges import LedgerLine
from dashboard.features.reports.queries import KnownPrinter, Tally, Usage
from dashboard.features.stoppages.scorecard import PrinterScore, Scorecard


def printer_line(row: Listed, links: Links) -> PrinterLine:
    """Return a row of the list."""
    return PrinterLine(
        printer_id=row.printer_id,
        name=row.name,
        location=row.location,
        model=row.model,
        state=row.state,
        health=row.health,
        lowest_supply_percent=row.lowest_percent,
        link=links.printer(row.printer_id),
    )


def printer_answer(view: PrinterView, links: Links) -> PrinterAnswer:
    """Return one printer, as its view was read for this viewer."""
    forecasts = [
        ForecastAnswer(
            supply_index=index,
            days_left=forecast.days_left,
            days_left_low=forecast.low,
            days_left_high=forecast.high,
            reason=forecast.reason,
        )
        for index, forecast in view.forecasts.items()
    ]
    issues = [
        OpenIssue(
            number=line.issue_id,
            title=line.title,
            category=line.category,
            status=line.status,
            priority=line.priority,
            opened_at=line.opened_at,
            parent_id=line.outage_id,
        )
        for line in view.open_issues
    ]
    names = ("printer_id", "name", "location", "site", "model", "serial", "host", "enabled", "stale", "state")
    return PrinterAnswer(
        **{name: getattr(view, name) for name in names},
        out_of_service=_out_of_service(view.out_of_service),
        muted=[_muted(known) for known in view.muted],
        forecasts=forecasts,
        open_issues=issues,
        link=links.printer(view.printer_id),
    )


def _out_of_service(out: OutOfService | None) -> OutOfServiceAnswer | None:
    if out is None:
        return None
    return OutOfServiceAnswer(since_at=out.since_at, until_at=out.until_at, note=out.note)


def _muted(known: KnownMute) -> MutedAnswer:
    mute = known.mute
    return MutedAnswer(
        code=mute.code,
        parts=mute.parts,
        subject=mute.subject,
        message=mute.title,
        since_at=known.since_at,
        until_at=known.until_at,
        note=known.note,
    )


def announcement_answer(one: Announcement) -> AnnouncementAnswer:
    """Return an announcement, without who made it."""
    return AnnouncementAnswer(
        number=one.announcement_id,
        text=one.text,
        location=one.location,
        begins_at=one.begins_at,
        ends_at=one.ends_at,
    )


def supply_event_answer(line: LedgerLine) -> SupplyEventAnswer:
    """Return a replacement."""
    event = line.event
    own = {name: value for name, value in asdict(event).items() if name in SupplyEventAnswer.model_fields}
    return SupplyEventAnswer(
        **{**own, "event_id": event.event_id or 0},
        printer=line.printer_name,
        location=line.location,
        early=event.is_early,
        failed_early=line.failed,
    )


def stops_answer(
    score: PrinterScore, card: Scorecard, known: Mapping[str, KnownPrinter], links: Links
) -> StopsAnswer:
    """Return how often a printer stopped."""
    printer = known.get(score.printer_id)
    return StopsAnswer(
        printer_id=score.printer_id,
        printer=printer.name if printer else score.printer_id,
        location=printer.location if printer else "",
        model=score.model,
        stops=score.own.stops,
        pages=score.own.pages,
        per_10000_pages=score.own.rate,
        at_least=score.lowest,
        per_10000_pages_before=score.before.rate,
        trend=score.trend or "",
        hours_stopped=score.seconds / 3600,
        causes=dict(score.causes),
        far_more_often=card.is_chronic(score),
        link=links.printer(score.printer_id),
    )


def usage_answers(whole: Usage, links: Links) -> list[UsageAnswer]:
    """Return what each printer printed and how often it answered, most pages first; then those without."""
    counters = whole.counters_of_printers
    watched = (printer_id for printer_id, printer in whole.known.items() if printer.enabled)
    found = [
        _usage_answer(printer_id, whole, counters.get(printer_id, {}), links)
        for printer_id in {*whole.printers, *watched}
    ]
    return sorted(found, key=lambda each: (each.pages is None, -(each.pages or 0), each.printer_id))


def _usage_answer(
    printer_id: str, whole: Usage, counters: Mapping[str, int | None], links: Links
) -> UsageAnswer:
    printer, tally = whole.known.get(printer_id), whole.printers.get(printer_id, Tally())
    return UsageAnswer(
        printer_id=printer_id,
        printer=printer.name if printer else printer_id,
        location=printer.location if printer else "",
        model=printer.model if printer else "",
        cost_center=printer.cost_center if printer else "",
        pages=tally.pages,
        counters=dict(counters),
        availability=tally.availability,
        observed_days=tally.observed_days,
        out_of_service_days=tally.out_days,
        link=links.printer(printer_id),
    )


def issue_answer(row: IssueRow, links: Links) -> IssueAnswer:
    """Return an issue's row."""
    return IssueAnswer(**_fields(row, links))


def issue_with_events(view: IssueView, links: Links) -> IssueWithEvents:
    """Return an issue with what happened to it."""
    events = [
        EventAnswer(
            at=event.at,
            actor=event.actor,
            change=event.change,
            details=dict(event.details),
            visibility=event.visibility,
        )
        for event in view.events
    ]
    return IssueWithEvents(**_fields(view.row, links), events=events)


def _fields(row: IssueRow, links: Links) -> dict[str, Any]:
    own = {name: value for name, value in asdict(row).items() if name in IssueAnswer.model_fields}
    return {**own, "number": row.id, "link": links.issue(row.id)}


def purchase_answer(line: PurchaseLine) -> PurchaseAnswer:
    """Return a line of the purchase list."""
    needed, order = line.needed, line.purchase
    return PurchaseAnswer(
        state=line.state,
        quantity=line.quantity,
        name=line.name,
        part_number=line.part_number,
        color=line.color,
        models=list(line.models),
        places=dict(line.places),
        printers=[due.printer_id for due in line.due],
        needed_by=needed.day if needed is not None else None,
        needed_by_early=needed.early if needed is not None else None,
        needed_by_late=needed.late if needed is not None else None,
        in_stock=line.in_stock.on_hand,
        minimum=line.in_stock.minimum,
        on_order=line.on_order,
        price=line.price,
        ordered_by=order.ordered_by if order is not None else "",
        ordered_at=order.ordered_at if order is not None else None,
        reference=order.reference if order is not None else "",
        expected_by=order.expected_by if order is not None else None,
    )


def shelf_answer(line: StockLine, catalog: Catalog) -> ShelfAnswer:
    """Return a shelf."""
    part, shelf = line.part, line.shelf
    return ShelfAnswer(
        part=part.name,
        part_number=part.number,
        color=part.color,
        kind=part.kind,
        models=list(catalog.models_of(part.id)),
        store_room=line.room_name,
        on_hand=shelf.on_hand,
        minimum=shelf.minimum,
        low=shelf.is_low,
        to_count=shelf.to_count,
        counted_by=shelf.counted_by,
        counted_at=shelf.counted_at,
    )
