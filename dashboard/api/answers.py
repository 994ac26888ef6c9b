"""Convert what queries find into the answers of the JSON routes. Pure."""

from collections.abc import Mapping
from typing import Any, TypeVar

from core.domain.assets import Asset
from core.domain.links import Links
from core.domain.page_prices import Charge
from core.domain.parts import Catalog
from core.domain.purchase_list import PurchaseLine
from core.storage.announcements import Announcement
from core.storage.issues import IssueRow
from core.storage.mutes import KnownMute
from core.storage.stock import StockLine
from dashboard.api.models import (
    AnnouncementAnswer,
    Answer,
    AssetAnswer,
    CostCenterAnswer,
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
from dashboard.features.reports.charges import CenterCharge, Charges
from dashboard.features.reports.queries import KnownPrinter, Tally, Usage, printer_of
from dashboard.features.stoppages.scorecard import PrinterScore, Scorecard

AnswerT = TypeVar("AnswerT", bound=Answer)


def answer(model: type[AnswerT], record: object, **others: Any) -> AnswerT:
    """Return an answer with the fields of a record that it has by the same name, and with these others."""
    names = model.model_fields.keys() - others.keys()
    return model(**{name: getattr(record, name) for name in names if hasattr(record, name)}, **others)


def printer_line(row: Listed, asset: Asset | None, links: Links, *, sees_addresses: bool) -> PrinterLine:
    """Return a row of the list; without firmware for who sees no addresses, who is to be given no asset."""
    return answer(
        PrinterLine,
        row,
        firmware=row.firmware if sees_addresses else "",
        lowest_supply_percent=row.lowest_percent,
        asset=_asset(asset),
        link=links.printer(row.printer_id),
    )


def _asset(asset: Asset | None) -> AssetAnswer | None:
    return None if asset is None else answer(AssetAnswer, asset)


def printer_answer(view: PrinterView, links: Links, *, sees_addresses: bool) -> PrinterAnswer:
    """Return one printer, as its view was read for this viewer."""
    out = view.out_of_service
    return answer(
        PrinterAnswer,
        view,
        asset=_asset(view.asset if sees_addresses else None),
        out_of_service=None if out is None else answer(OutOfServiceAnswer, out),
        muted=[_muted(known) for known in view.muted],
        forecasts=[answer(ForecastAnswer, each) for each in view.forecasts.values()],
        open_issues=[
            answer(OpenIssue, each, number=each.issue_id, parent_id=each.outage_id)
            for each in view.open_issues
        ],
        link=links.printer(view.printer_id),
    )


def _muted(known: KnownMute) -> MutedAnswer:
    mute = known.mute
    return answer(
        MutedAnswer, known, code=mute.code, parts=mute.parts, subject=mute.subject, message=mute.title
    )


def announcement_answer(one: Announcement) -> AnnouncementAnswer:
    """Return an announcement, without who made it."""
    return answer(AnnouncementAnswer, one, number=one.announcement_id)


def supply_event_answer(line: LedgerLine) -> SupplyEventAnswer:
    """Return a replacement."""
    event = line.event
    return answer(
        SupplyEventAnswer,
        event,
        printer=line.printer_name,
        location=line.location,
        early=event.is_early,
        failed_early=line.failed,
    )


def stops_answer(
    score: PrinterScore, card: Scorecard, known: Mapping[str, KnownPrinter], links: Links
) -> StopsAnswer:
    """Return how often a printer stopped."""
    printer = printer_of(known, score.printer_id)
    return answer(
        StopsAnswer,
        score,
        printer=printer.name,
        location=printer.location,
        stops=score.own.stops,
        pages=score.own.pages,
        per_10000_pages=score.own.rate,
        at_least=score.lowest,
        per_10000_pages_before=score.before.rate,
        trend=score.trend or "",
        hours_stopped=score.seconds / 3600,
        far_more_often=card.is_chronic(score),
        link=links.printer(score.printer_id),
    )


def usage_answers(whole: Usage, owed: Charges, links: Links) -> list[UsageAnswer]:
    """Return what each printer printed, how often it answered and what that costs, most pages first.

    Those without pages come last.
    """
    counters = whole.counters_of_printers
    found = [
        _usage_answer(
            printer_of(whole.known, printer_id),
            whole,
            counters.get(printer_id, {}),
            owed.printers[printer_id],
            links,
        )
        for printer_id in whole.read_or_watched
    ]
    return sorted(found, key=lambda each: (each.pages is None, -(each.pages or 0), each.printer_id))


def cost_center_answer(row: CenterCharge) -> CostCenterAnswer:
    """Return what a cost center owes."""
    printed = row.charge.printed
    return answer(
        CostCenterAnswer,
        row,
        mono=printed.mono,
        color=printed.color,
        not_told_apart=printed.untold,
        unpriced_pages=row.charge.unpriced,
        charge=row.charge.amount,
    )


def _usage_answer(
    printer: KnownPrinter, whole: Usage, counters: Mapping[str, int | None], own: Charge, links: Links
) -> UsageAnswer:
    tally = whole.printers.get(printer.printer_id, Tally())
    return answer(
        UsageAnswer,
        printer,
        printer=printer.name,
        pages=tally.pages,
        counters=counters,
        availability=tally.availability,
        observed_days=tally.observed_days,
        out_of_service_days=tally.out_days,
        charge=own.amount,
        unpriced_pages=own.unpriced,
        link=links.printer(printer.printer_id),
    )


def issue_answer(row: IssueRow, links: Links) -> IssueAnswer:
    """Return an issue's row."""
    return answer(IssueAnswer, row, number=row.id, link=links.issue(row.id))


def issue_with_events(view: IssueView, links: Links) -> IssueWithEvents:
    """Return an issue with what happened to it."""
    row, events = view.row, [answer(EventAnswer, event) for event in view.events]
    return answer(IssueWithEvents, row, number=row.id, link=links.issue(row.id), events=events)


def purchase_answer(line: PurchaseLine) -> PurchaseAnswer:
    """Return a line of the purchase list."""
    needed, order = line.needed, line.purchase
    return answer(
        PurchaseAnswer,
        line,
        printers=[due.printer_id for due in line.due],
        needed_by=needed.day if needed is not None else None,
        needed_by_early=needed.early if needed is not None else None,
        needed_by_late=needed.late if needed is not None else None,
        in_stock=line.in_stock.on_hand,
        minimum=line.in_stock.minimum,
        ordered_by=order.ordered_by if order is not None else "",
        ordered_at=order.ordered_at if order is not None else None,
        reference=order.reference if order is not None else "",
        expected_by=order.expected_by if order is not None else None,
    )


def shelf_answer(line: StockLine, catalog: Catalog) -> ShelfAnswer:
    """Return a shelf."""
    part, shelf = line.part, line.shelf
    return answer(
        ShelfAnswer,
        shelf,
        part=part.name,
        part_number=part.number,
        color=part.color,
        kind=part.kind,
        models=list(catalog.models_of(part.id)),
        store_room=line.room_name,
        low=shelf.is_low,
    )
