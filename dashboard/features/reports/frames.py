"""Build the data frames of the reports' charts and tables. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta, tzinfo
from statistics import median
from typing import Any, Final

import pandas as pd

from core.domain.places import NOWHERE
from core.domain.wording import CATEGORIES, COUNTERS, condition_name, word
from core.timeseries.pages import added
from dashboard.features.reports.periods import Period
from dashboard.features.reports.queries import (
    KnownPrinter,
    ProblemCount,
    Resolution,
    Tally,
    Usage,
    added_counters,
    hours_for,
    printer_of,
)

_PLACES_SHOWN: Final = 5  # with the others as many as the theme has colors
_OTHERS: Final = "Other places"
NO_CENTER: Final = "No cost center"
_ONE_DAY: Final = timedelta(days=1)


def pages_frame(usage: Usage) -> pd.DataFrame:
    """Return bar, place, pages, rank: the places with most pages by name, the rest together."""
    totals: Counter[str] = Counter()
    for (_, place), tally in usage.places.items():
        totals[place] += tally.pages or 0
    ranks = {place: rank for rank, (place, _) in enumerate(totals.most_common(_PLACES_SHOWN))}
    pages: Counter[tuple[date, int, str]] = Counter()
    for (bar, place), tally in usage.places.items():
        if tally.pages is None:
            continue
        rank = ranks.get(place, _PLACES_SHOWN)
        name = (place or NOWHERE) if place in ranks else _OTHERS
        pages[bar, rank, name] += tally.pages
    rows = [(pd.Timestamp(bar), name, number, rank) for (bar, rank, name), number in sorted(pages.items())]
    return pd.DataFrame(rows, columns=["bar", "place", "pages", "rank"])


def answers_frame(usage: Usage) -> pd.DataFrame:
    """Return bar, kind, share, rank: of the printer-days of each bar."""
    sums: dict[date, Tally] = defaultdict(Tally)
    for (bar, _), tally in usage.places.items():
        sums[bar].add_all(tally)
    rows = []
    for bar, expected in sorted(usage.expected_days.items()):
        seen = sums[bar]
        known = seen.observed_days + seen.out_days
        whole = max(float(expected), known)
        if not whole:
            continue
        silent = seen.observed_days - seen.answered_days
        parts = (seen.answered_days, silent, whole - known, seen.out_days)
        names = ("Answered", "Did not answer", "Not observed", "Out of service")
        rows += [
            (pd.Timestamp(bar), name, part / whole, rank)
            for rank, (name, part) in enumerate(zip(names, parts, strict=True))
        ]
    return pd.DataFrame(rows, columns=["bar", "kind", "share", "rank"])


NAMED_COLUMNS: Final = ("Printer", "Printer ID", "Location", "Model")
OUT_COLUMN: Final = "Days out of service"
PRINTER_COLUMNS: Final = (
    *NAMED_COLUMNS,
    "Cost center",
    "Pages",
    "Answered",
    "Observed days",
    OUT_COLUMN,
    "Problems",
    "Most often",
)


def printers_frame(usage: Usage, problems: Mapping[str, Counter[str]]) -> pd.DataFrame:
    """Return a row for each printer, most pages first; Answered is None where nobody looked at it."""
    ids = {*usage.printers, *problems, *(name for name, printer in usage.known.items() if printer.enabled)}
    rows = [_printer_row(printer_id, usage, problems.get(printer_id)) for printer_id in sorted(ids)]
    frame = pd.DataFrame(rows, columns=PRINTER_COLUMNS)
    frame["Pages"] = frame["Pages"].astype("Int64")
    return frame.sort_values(
        ["Pages", "Printer"], ascending=[False, True], na_position="last", ignore_index=True
    )


def _printer_row(printer_id: str, usage: Usage, problems: Counter[str] | None) -> tuple[Any, ...]:
    tally = usage.printers.get(printer_id)
    return (
        *named(printer_id, usage.known),
        printer_of(usage.known, printer_id).cost_center,
        tally.pages if tally else None,
        _percent(tally),
        round(tally.observed_days) if tally else 0,
        round(tally.out_days, 1) if tally else 0.0,
        problems.total() if problems else 0,
        condition_name(problems.most_common(1)[0][0]) if problems else "",
    )


def _percent(tally: Tally | None) -> float | None:
    available = tally.availability if tally else None
    return None if available is None else round(100 * available, 1)


PLACE_COLUMNS: Final = ("Location", "From", "Pages", "Answered")


def places_frame(usage: Usage) -> pd.DataFrame:
    """Return a row for each place and bar."""
    ordered = sorted(usage.places.items(), key=lambda item: (item[0][1], item[0][0]))
    rows = [(place or NOWHERE, bar, tally.pages, _percent(tally)) for (bar, place), tally in ordered]
    return pd.DataFrame(rows, columns=PLACE_COLUMNS).astype({"Pages": "Int64"})


_KINDS: Final = {"mono": "Mono", "color": "Color"}
CENTER_COLUMNS: Final = ("Cost center", "Printers", "Pages", *_KINDS.values())


def centers_frame(usage: Usage) -> pd.DataFrame:
    """Return a row for each cost center, most pages first; none where no printer has one.

    Mono and Color are of the printers whose maker counts them; printers without a cost center come last.
    """
    pages: dict[str, list[int | None]] = defaultdict(list)
    for printer_id, tally in usage.printers.items():
        pages[printer_of(usage.known, printer_id).cost_center].append(tally.pages)
    counters = added_counters(
        (printer_of(usage.known, printer_id).cost_center, counted)
        for printer_id, counted in usage.counters_of_printers.items()
    )
    rows = [
        (
            center or NO_CENTER,
            len(counted),
            added(*counted),
            *(counters.get(center, {}).get(name) for name in _KINDS),
        )
        for center, counted in sorted(pages.items(), key=lambda item: (not item[0], -(added(*item[1]) or 0)))
    ]
    frame = pd.DataFrame(rows if pages.keys() - {""} else [], columns=CENTER_COLUMNS)
    return frame.astype(dict.fromkeys(CENTER_COLUMNS[2:], "Int64"))


def split_frame(usage: Usage) -> pd.DataFrame:
    """Return bar, kind (Mono or Color), pages, rank: of the printers that count them apart."""
    pages: Counter[tuple[date, str]] = Counter()
    for (bar, _), counted in usage.counters.items():
        for name in _KINDS:
            if (known := counted.get(name)) is not None:
                pages[bar, name] += known
    ranks = {name: rank for rank, name in enumerate(_KINDS)}
    rows = [
        (pd.Timestamp(bar), _KINDS[name], number, ranks[name])
        for (bar, name), number in sorted(pages.items())
    ]
    return pd.DataFrame(rows, columns=["bar", "kind", "pages", "rank"])


def counters_frame(usage: Usage) -> pd.DataFrame:
    """Return a row for each printer and month in which any of its counters grew or stood still.

    None for a counter that a printer does not have, or that has no count before it to subtract.
    """
    rows = [
        (*named(printer_id, usage.known), month, *(counted.get(name) for name in COUNTERS))
        for (printer_id, month), counted in usage.counters_by_month.items()
        if any(number is not None for number in counted.values())
    ]
    columns = [*NAMED_COLUMNS, "Month", *COUNTERS.values()]
    frame = pd.DataFrame(rows, columns=columns)
    frame[list(COUNTERS.values())] = frame[list(COUNTERS.values())].astype("Int64")
    return frame.sort_values(["Month", "Printer", "Printer ID"], ignore_index=True)


def named(printer_id: str, known: Mapping[str, KnownPrinter]) -> tuple[str, str, str, str]:
    """Return name, ID, location and model: the first columns of every table of printers."""
    printer = printer_of(known, printer_id)
    return printer.name, printer_id, printer.location, printer.model


def problems_frame(found: Sequence[ProblemCount]) -> pd.DataFrame:
    """Return problem, times, printers, critical, open."""
    names = ["problem", "times", "printers", "critical", "open"]
    rows = [
        (condition_name(each.code), each.times, each.printers, each.critical, each.still_open)
        for each in found
    ]
    return pd.DataFrame(rows, columns=names)


def resolve_frame(issues: Sequence[Resolution]) -> pd.DataFrame:
    """Return category, half, most, issues: of those that are resolved."""
    hours: dict[str, list[float]] = defaultdict(list)
    for issue in issues:
        if issue.hours is not None:
            hours[word(CATEGORIES, issue.category)].append(issue.hours)
    rows = [
        (name, median(values), hours_for(90, values), len(values)) for name, values in sorted(hours.items())
    ]
    return pd.DataFrame(rows, columns=["category", "half", "most", "issues"])


def flow_frame(issues: Sequence[Resolution], period: Period, zone: tzinfo) -> pd.DataFrame:
    """Return bar, what, issues: how many were opened and how many ended, by day or month of the zone."""
    counts: Counter[tuple[date, str]] = Counter()
    day = period.since
    while day < period.until:
        counts[period.bucket(day), "Opened"] += 0
        counts[period.bucket(day), "Resolved"] += 0
        day += _ONE_DAY
    for issue in issues:
        _count(counts, period, issue.opened_at.astimezone(zone).date(), "Opened")
        if issue.ended_at is not None:
            _count(counts, period, issue.ended_at.astimezone(zone).date(), "Resolved")
    rows = [(pd.Timestamp(bar), what, number) for (bar, what), number in sorted(counts.items())]
    return pd.DataFrame(rows, columns=["bar", "what", "issues"])


def _count(counts: Counter[tuple[date, str]], period: Period, day: date, what: str) -> None:
    if period.since <= day < period.until:
        counts[period.bucket(day), what] += 1
