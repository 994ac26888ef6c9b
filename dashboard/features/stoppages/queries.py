"""Read flags that stopped printers, and what they printed meanwhile.

What was raised while a printer was out of service is nobody's stop: covers are open all day in a repair.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select

from core.domain.conditions import NO_PAPER, flag_sentence
from core.runtime.wall_clock import utc_now
from core.storage.core_tables import ATTENTION
from core.storage.database import reading
from core.storage.out_of_service import TimeOutOfService, times_out_of_service, was_in_service
from core.timeseries.pages import added
from core.timeseries.reader import SeriesReader, TimeSeriesUnavailable
from dashboard.features.reports.periods import Period
from dashboard.features.reports.queries import KnownPrinter, known_printers
from dashboard.features.stoppages.scorecard import PrinterRecord, Scorecard, make_scorecard
from dashboard.features.stoppages.stoppages import CAUSES, LONGEST, RaisedFlag, Stoppage, stoppages_of

_STOPPING: Final = ("critical",)
_SEVERE: Final = ("critical", "warning")
"""Of several trays an empty one does not stop the printer, and has to be filled all the same."""


def printer_stoppages(
    connection: Connection, printer_id: str, since: datetime, until: datetime
) -> list[Stoppage]:
    """Return the stoppages of one printer that began in [since, until) in their words, the newest first."""
    columns = ATTENTION.c
    query = select(
        *(columns.code, columns.since_at, columns.cleared_at, columns.parameters, columns.message)
    ).where(
        columns.since_at >= since - LONGEST,  # of which one that began before is a part
        columns.since_at < until,
        columns.printer_id == printer_id,
        columns.code.in_(CAUSES),
        columns.severity.in_(_STOPPING),
        was_in_service(columns.since_at, columns.printer_id),
    )
    flags = (
        RaisedFlag(printer_id, code, since_at, cleared_at, flag_sentence(code, parameters, message))
        for code, since_at, cleared_at, parameters, message in connection.execute(query)
    )
    found = stoppages_of(flags, _times_out(connection, since))
    return [each for each in found[::-1] if each.began_at >= since]


def paper_outs(connection: Connection, since: datetime, until: datetime) -> list[Stoppage]:
    """Return when printers ran out of paper in [since, until): all of them, or one of their trays."""
    return stoppages_of(
        _raised(connection, (NO_PAPER,), _SEVERE, since, until), _times_out(connection, since)
    )


def scorecard_of(  # noqa: PLR0913 (what it is read from, and of which time)
    engine: Engine,
    series: SeriesReader,
    chosen: Period,
    zone: ZoneInfo,
    now: datetime,
    *,
    pages: Mapping[str, int | None] | None = None,
) -> Scorecard:
    """Return the scorecard of a period, for every page, sheet and route that shows it.

    `pages`: those of the period by printer, where they have been read. Without pages, and so without rates,
    where the time series does not answer.
    """
    before: Mapping[str, int | None] = {}
    try:
        pages = pages_by_printer(series, chosen) if pages is None else pages
        before = pages_before(series, chosen)
    except TimeSeriesUnavailable:
        pages, before = {}, {}
    with reading(engine) as connection:
        return read_scorecard(connection, pages, before, known_printers(connection), chosen, zone, now)


def read_scorecard(  # noqa: PLR0913, PLR0917 (what it is read from, and of which time)
    connection: Connection,
    pages: Mapping[str, int | None],
    pages_before: Mapping[str, int | None],
    known: Mapping[str, KnownPrinter],
    chosen: Period,
    zone: ZoneInfo,
    now: datetime,
) -> Scorecard:
    """Return the scorecard of a period; `pages` and `pages_before` are those of it and of the one before."""
    since, until = chosen.moments(zone)
    began = period_before(chosen).moments(zone)[0]
    found = stoppages_of(_raised(connection, CAUSES, _STOPPING, began, until), _times_out(connection, since))
    records = {
        printer_id: PrinterRecord(
            known[printer_id].model if printer_id in known else "",
            pages.get(printer_id),
            pages_before.get(printer_id),
        )
        for printer_id in {*pages, *known}
        if printer_id in pages or known[printer_id].enabled
    }
    return make_scorecard(
        (each for each in found if each.began_at >= since),
        (each for each in found if each.began_at < since),
        records,
        chosen.days,
        now,
    )


def pages_by_printer(series: SeriesReader, chosen: Period) -> dict[str, int | None]:
    """Return the pages of each printer in a period, by one grouped query. Raises TimeSeriesUnavailable."""
    return {printer_id: pages for printer_id, (pages, _) in _printed(series, chosen).items()}


def pages_before(series: SeriesReader, chosen: Period) -> dict[str, int | None]:
    """Return the pages of each printer in the period before. Raises TimeSeriesUnavailable.

    None of a printer that was read on fewer than half of its days, as where the history begins in it: a
    rate by the pages of a few days says nothing of so many.
    """
    past = period_before(chosen)
    return {
        printer_id: pages if 2 * days >= past.days else None
        for printer_id, (pages, days) in _printed(series, past).items()
    }


def _printed(series: SeriesReader, chosen: Period) -> dict[str, tuple[int | None, int]]:
    """Return the pages of each printer in a period, and on how many of its days it was read."""
    found: dict[str, tuple[int | None, int]] = defaultdict(lambda: (None, 0))
    for month in series.months(chosen.since, chosen.until):
        pages, days = found[month.printer_id]
        found[month.printer_id] = added(pages, month.pages), days + month.days
    return dict(found)


def period_before(chosen: Period) -> Period:
    """Return the period of as many days that ends where this one begins."""
    return Period(chosen.since - timedelta(days=chosen.days), chosen.since)


def _times_out(connection: Connection, since: datetime) -> list[TimeOutOfService]:
    """Return when printers were out of service from a moment on; a stop can outlast its period."""
    return times_out_of_service(connection, since - LONGEST, utc_now())


def _raised(
    connection: Connection,
    codes: Collection[str],
    severities: Collection[str],
    since: datetime,
    until: datetime,
) -> list[RaisedFlag]:
    """Return the flags of these codes that were raised in service in [since, until), without sentences."""
    columns = ATTENTION.c
    query = select(columns.printer_id, columns.code, columns.since_at, columns.cleared_at).where(
        columns.since_at >= since,
        columns.since_at < until,
        columns.code.in_(codes),
        columns.severity.in_(severities),
        was_in_service(columns.since_at, columns.printer_id),
    )
    return [RaisedFlag(*row) for row in connection.execute(query)]
