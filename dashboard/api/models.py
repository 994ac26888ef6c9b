"""Models of what the JSON routes take and give; their OpenAPI document is made of these."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from core.contract.messages import PrinterState
from core.domain.places import place_of
from core.domain.wording import CATEGORIES
from dashboard.features.reports.periods import NAMED, USUAL

MOST_LINES: Final = 1_000
MOST_OFFSET: Final = 10_000_000


class Answer(BaseModel):
    """Base of the answers."""

    model_config = ConfigDict(frozen=True)


class Problem(Answer):
    """The reason why there is no better answer: one sentence."""

    error: str


class AssetAnswer(Answer):
    """A printer as a thing that was bought or leased, as the inventory has it; null and empty: not said."""

    asset_tag: str
    in_use_since: date | None
    warranty_until: date | None = Field(description="its last day")
    contract: str = Field(description="the vendor or leasing company, and by which number it has it")
    contract_until: date | None = Field(description="its last day")


class PrinterLine(Answer):
    """A printer of the list."""

    printer_id: str
    name: str
    location: str
    model: str
    firmware: str = Field(description="its version; empty where it is not told, or for who sees no addresses")
    state: str = Field(description="idle, printing, ... or `stale`: no reading for two intervals")
    health: str = Field(
        description="critical, stale, warning, info, new (never read), out (of service) or ok"
    )
    lowest_supply_percent: int | None
    asset: AssetAnswer | None = Field(description="null for who sees no addresses")
    link: str = Field(description="its page in the dashboard")


class PrinterLines(Answer):
    """A page of the list."""

    total: int = Field(description="how many match")
    printers: list[PrinterLine]


class ForecastAnswer(Answer):
    """The forecast of when a supply runs out."""

    supply_index: str
    days_left: float | None
    days_left_low: float | None
    days_left_high: float | None
    reason: str = Field(description="why there is no forecast; empty where there is one")


class OpenIssue(Answer):
    """An issue of a printer that is still to be done. Titles of people's issues are told to technicians."""

    number: int
    title: str
    category: str
    status: str
    priority: str
    opened_at: datetime
    parent_id: int | None = Field(description="the issue of the outage that it is a part of")


class OutOfServiceAnswer(Answer):
    """Since and until when a printer is out of service, and why."""

    since_at: datetime
    until_at: datetime | None = Field(description="null: until somebody puts it back")
    note: str


class MutedAnswer(Answer):
    """Something that a printer reports and nobody is told of."""

    code: str = Field(description="the condition; empty: everything of the part")
    parts: str = Field(description="supplies, input_trays, output_trays or covers; empty: of none")
    subject: str = Field(description="the row of the part, as in flags")
    message: str
    since_at: datetime
    until_at: datetime | None = Field(description="null: until somebody unmutes it")
    note: str


class PrinterAnswer(Answer):
    """Everything about one printer; addresses and serial numbers only for those who may see them."""

    printer_id: str
    name: str
    location: str
    site: str
    model: str
    serial: str
    host: str
    asset: AssetAnswer | None = Field(description="null for who sees no addresses")
    enabled: bool
    stale: bool
    out_of_service: OutOfServiceAnswer | None = Field(description="null where it is in service")
    muted: list[MutedAnswer] = Field(description="for technicians; no flag of the state is about these")
    state: PrinterState = Field(description="as on the topic `printers/{printer_id}/state`")
    forecasts: list[ForecastAnswer]
    open_issues: list[OpenIssue]
    link: str


class AnnouncementAnswer(Answer):
    """What everybody is told who prints in a place."""

    number: int
    text: str
    location: str = Field(description="the place that it is about; empty: all")
    begins_at: datetime
    ends_at: datetime | None = Field(description="null: until somebody ends it")


class AnnouncementAnswers(Answer):
    """What is announced now, the newest first."""

    announcements: list[AnnouncementAnswer]


class IssueAnswer(Answer):
    """An issue."""

    number: int
    printer_id: str = Field(description="empty for an outage, which is about many")
    kind: str = Field(description="device (opened by the system) or person")
    title: str
    details: str
    category: str
    priority: str
    status: str
    reporter: str
    contact: str
    assignee: str
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    parent_id: int | None = Field(description="the issue of the outage that it is a part of, and ends with")
    merged_into: int | None = Field(description="the issue that it is a duplicate of")
    vendor: str = Field(description="the company that was called for the repair; empty for none")
    vendor_case: str = Field(description="the number by which the vendor has it")
    vendor_opened_on: date | None
    vendor_visit_on: date | None = Field(description="the day on which the vendor is expected")
    version: int
    link: str


class IssueLines(Answer):
    """A page of issues, the most urgent first."""

    total: int
    issues: list[IssueAnswer]


class EventAnswer(Answer):
    """A line of an issue's timeline."""

    at: datetime
    actor: str
    change: str
    details: dict[str, Any]
    visibility: str = Field(
        description="who may read its words beside technicians: internal (nobody), reporter (who has the "
        "reporter's link), public (whoever follows the issue)"
    )


class IssueWithEvents(IssueAnswer):
    """An issue with its timeline."""

    events: list[EventAnswer]


class PurchaseAnswer(Answer):
    """A line of the purchase list."""

    state: str = Field(description="needed, ordered, overdue (not arrived by its day), arrived or canceled")
    quantity: int
    name: str
    part_number: str = Field(description="empty where nobody knows it")
    color: str
    models: list[str]
    places: dict[str, int] = Field(description="how many are needed where")
    printers: list[str]
    needed_by: date | None
    needed_by_early: date | None = Field(description="the early end of the forecast")
    needed_by_late: date | None
    in_stock: int
    minimum: int
    on_order: int
    price: Decimal | None = Field(description="of one piece, in `currency`")
    ordered_by: str
    ordered_at: datetime | None
    reference: str
    expected_by: date | None


class PurchaseAnswers(Answer):
    """The purchase list, by the day on which something is needed."""

    currency: str
    lines: list[PurchaseAnswer]


class ShelfAnswer(Answer):
    """Pieces of a part in a store room."""

    part: str
    part_number: str
    color: str
    kind: str
    models: list[str]
    store_room: str
    on_hand: int
    minimum: int
    low: bool
    to_count: bool = Field(description="a piece was taken where none should have been")
    counted_by: str
    counted_at: datetime | None


class StockAnswer(Answer):
    """Every shelf, by store room and part."""

    shelves: list[ShelfAnswer]


class SupplyEventAnswer(Answer):
    """A replacement of a supply."""

    event_id: int
    printer_id: str
    printer: str
    location: str
    supply_index: str
    at: datetime
    not_before: datetime | None = Field(description="the replacement was between this and `at`")
    model: str
    supply_type: str
    color: str
    part: str
    part_number: str
    serial: str
    old_percent: int | None = Field(description="what was left in the old one")
    new_percent: int | None
    pages: int | None = Field(description="what the old one printed; null where its start is not known")
    early: bool = Field(description="more than 10 % was left in the old one")
    failed_early: bool = Field(description="it printed less than half of what others do with as much")
    undone_at: datetime | None = Field(description="when it turned out to be no replacement")


class SupplyEventLines(Answer):
    """Replacements, the newest first."""

    total: int
    events: list[SupplyEventAnswer]


class ReportQuery(BaseModel):
    """The period and the printers that a report is asked about."""

    period: Annotated[str, Field(json_schema_extra={"enum": list(NAMED)})] = USUAL
    since: date | None = None
    until: date | None = Field(default=None, description="the day after the last one")
    place: Annotated[str, Field(max_length=200)] = ""
    model: Annotated[str, Field(max_length=200)] = ""
    printer_id: Annotated[str, Field(max_length=64)] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_LINES)] = 100
    offset: Annotated[int, Field(ge=0, le=MOST_OFFSET)] = 0

    def takes(self, line: "StopsAnswer | UsageAnswer") -> bool:
        """Return whether a line is of the printers that are asked for."""
        return (
            self.place in ("", place_of(line.location))
            and self.model in ("", line.model)
            and self.printer_id in ("", line.printer_id)
        )


class StopsAnswer(Answer):
    """How often a printer stopped until somebody came."""

    printer_id: str
    printer: str
    location: str
    model: str
    stops: int
    pages: int | None = Field(description="printed in the period; null where nobody knows")
    per_10000_pages: float | None = Field(description="stops; null without pages")
    at_least: float | None = Field(
        description="the rate that it is not below, with 95 % certainty, by which the list is ordered"
    )
    per_10000_pages_before: float | None = Field(description="in as many days before")
    trend: str = Field(description="rising, falling or steady, beyond chance; empty without pages")
    hours_stopped: float = Field(description="of stops that began in the period")
    causes: dict[str, int] = Field(description="how often, by the code of the flag, the most frequent first")
    far_more_often: bool = Field(description="it stops far more often than the others, and not by chance")
    link: str


class StopsLines(Answer):
    """Printers that stopped in a period, the worst first, and how often all of them did."""

    since: date
    until: date = Field(description="the day after the last one")
    days: int
    stops: int = Field(description="of all printers whose pages are known, whatever is filtered")
    pages: int | None
    per_10000_pages: float | None
    median_per_10000_pages: float | None = Field(description="what half of the printers have at most")
    total: int
    printers: list[StopsAnswer]


class UsageAnswer(Answer):
    """What a printer printed in a period, and how often it answered."""

    printer_id: str
    printer: str
    location: str
    model: str
    cost_center: str = Field(description="who pays for its pages; empty where the inventory does not say")
    pages: int | None = Field(description="null where no counter could be read twice")
    counters: dict[str, int | None] = Field(
        description="of its maker: mono, color, duplex (sheets), copy, scan (images), a3; those that it has"
    )
    availability: float | None = Field(
        description="readings answered of those taken in service, 0 to 1; null without"
    )
    observed_days: float = Field(description="days with readings, without the time out of service")
    out_of_service_days: float
    charge: Decimal | None = Field(
        description="what its pages cost, in `currency`; null where they have no price, or nobody knows them"
    )
    unpriced_pages: int = Field(description="pages that have no price: they are not in `charge`")
    link: str


class CostCenterAnswer(Answer):
    """What a cost center owes for the pages of its printers."""

    cost_center: str = Field(description="empty: of the printers that have none")
    printers: int
    mono: int = Field(description="pages, as the makers count them")
    color: int
    not_told_apart: int = Field(description="pages that are charged as mono: nobody tells them apart")
    unpriced_pages: int = Field(description="pages of these that have no price: they are not in `charge`")
    charge: Decimal | None = Field(description="in `currency`; null where no page has a price")


class UsageQuery(ReportQuery):
    """The same, and who pays for the printers."""

    cost_center: Annotated[str, Field(max_length=200)] = ""


class UsageLines(Answer):
    """Printers that are watched or were in a period, most pages first, and the sums of all of them."""

    since: date
    until: date = Field(description="the day after the last one")
    days: int
    pages: int | None = Field(description="of all printers, whatever is filtered")
    availability: float | None
    observed: float | None = Field(
        description="the part of all printer-days in service that had readings, 0 to 1"
    )
    currency: str
    charge: Decimal | None = Field(description="of all printers; null where no page has a price")
    unpriced_pages: int
    cost_centers: list[CostCenterAnswer] = Field(
        description="of all printers, whatever is filtered, the dearest first"
    )
    total: int
    printers: list[UsageAnswer]


class NewReport(BaseModel):
    """A problem that somebody has with a printer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    printer_id: Annotated[str, Field(min_length=1, max_length=64, examples=["lib-1"])]
    category: Annotated[str, Field(json_schema_extra={"enum": list(CATEGORIES)})]
    details: Annotated[str, Field(max_length=4000)] = ""
    name: Annotated[str, Field(max_length=100)] = ""
    """Who reports it; needed without an account."""
    contact: Annotated[str, Field(max_length=200)] = ""
    """A mail address; needed without an account."""


class Filed(Answer):
    """A report that was taken."""

    number: int
    link: str = Field(description="where its reporter follows it, without an account")
