"""The service sheet as plain text, to be copied into a vendor's form. Pure."""

from collections.abc import Iterator
from typing import Final

from dashboard.features.service_sheet.sheet import DAYS, ServiceSheet
from dashboard.features.stoppages.rates import PER_PAGES
from dashboard.ui.text import clean

_LONGEST: Final = 1000


def sheet_text(sheet: ServiceSheet) -> str:
    """Return the sheet as text: headings in capitals, a line for each thing."""
    return "\n".join(_line(line) for line in _lines(sheet)) + "\n"


def _line(line: str) -> str:
    """Return a line that is one, whatever a printer or a person wrote."""
    indent = line[: len(line) - len(line.lstrip(" "))]
    return (indent + " ".join(clean(line, _LONGEST).split())).rstrip()


def _lines(sheet: ServiceSheet) -> Iterator[str]:
    yield f"SERVICE SHEET: {sheet.name}, {sheet.made}"
    yield from (f"{name}: {value}" for name, value in sheet.facts)
    if sheet.device_note:
        yield sheet.device_note
    yield from ("", "WRONG NOW")
    for wrong in sheet.wrong:
        yield f"- {wrong.sentence} Since {wrong.since}."
        yield from (f"  {evidence}" for evidence in wrong.evidence)
    if not sheet.wrong:
        yield "Nothing."
    if sheet.display:
        yield f"On its display: {sheet.display}"
    yield from ("", f"STOPS IN {DAYS} DAYS")
    yield sheet.verdict or "None."
    if sheet.stood:
        yield f"It stood still for {sheet.stood} in all."
    yield from (
        f"- {one.who}: stops {one.stops}, pages {one.pages}, per {PER_PAGES:,} pages {one.rate}"
        for one in sheet.figures
    )
    yield from (f"- {cause}: {times}" for cause, times in sheet.causes)
    if sheet.stops:
        yield from ("", "LATEST STOPS")
        yield from (f"- {stop.began}, {stop.lasted}: {stop.what}" for stop in sheet.stops)
        if sheet.more_stops:
            yield f"- and {sheet.more_stops} before"
    if sheet.replaced:
        yield from ("", "REPLACED MEANWHILE")
        yield from (f"- {one}" for one in sheet.replaced)
    if sheet.issues:
        yield from ("", "ISSUES, AND WHAT WAS TRIED")
        for issue in sheet.issues:
            yield f"- {issue.title} ({issue.told})"
            yield from (f"  {tried}" for tried in issue.tried)
