"""Judge the levels of input trays, and find the tray that a report without a row is about."""

import re
from functools import lru_cache
from typing import Final

from core.contract.messages import InputTray, Severity
from core.contract.printer_mib import SOME_REMAINING, UNKNOWN_AMOUNT
from core.domain.conditions import ALL_TRAYS, NO_PAPER, ONE_TRAY, PAPER_LOW, of_part
from core.domain.part_names import tray_name
from processor.decode.device_words import trays_named_in
from processor.decode.levels import amount_of
from processor.decode.reading import DecodedReading
from processor.rules import evidence
from processor.rules.findings import Finding
from processor.rules.supplies import Known

OPERATING: Final = ("running", "warning")
"""The hrDeviceStatus of a device that works (RFC 2790)."""
_LOW_PERCENT: Final = 20
_NO_SOURCE: Final = re.compile(r"\bauto(?:matic)?\W*(?:select|selection|switch)?\b|\bmanual", re.IGNORECASE)


def ordinary_trays(decoded: DecodedReading) -> list[InputTray]:
    """Return the trays that hold paper: not manual feed, "Auto Select", or one without size and level."""
    return [tray for tray in decoded.input_trays if _is_ordinary(tray)]


def _is_ordinary(tray: InputTray) -> bool:
    if tray.input_type == "sheet_feed_manual" or _is_no_source(tray.name or tray.description or ""):
        return False
    if tray.max_capacity in (0, 1):
        return False
    unknown = (UNKNOWN_AMOUNT, None)
    return tray.level not in unknown or tray.max_capacity not in unknown


@lru_cache(maxsize=1024)
def _is_no_source(name: str) -> bool:
    return _NO_SOURCE.search(name) is not None


def has_paper(tray: InputTray) -> bool:
    """Return whether a tray is known to hold some paper."""
    return (amount_of(tray.level) or 0) > 0 or tray.level == SOME_REMAINING


def is_all_empty(decoded: DecodedReading) -> bool:
    """Return every ordinary tray is known to be empty."""
    trays = ordinary_trays(decoded)
    return bool(trays) and all(tray.level == 0 for tray in trays)


def level_findings(decoded: DecodedReading) -> list[Finding]:
    """Yield a finding for a printer out of paper where all trays are empty; one of several is none."""
    if not is_all_empty(decoded):
        return []
    trays = ordinary_trays(decoded)
    tray = trays[0] if len(trays) == 1 else None
    return [
        Finding(
            NO_PAPER,
            tray.index if tray else "",
            _severity_of_empty(decoded),
            of_part(tray_name(tray)) if tray else {"variant": ALL_TRAYS},
            evidence.of_trays(trays),
        )
    ]


def _severity_of_empty(decoded: DecodedReading) -> Severity:
    return "warning" if is_contradicted("no_paper", decoded) else "critical"


def is_contradicted(bit: str, decoded: DecodedReading) -> bool:
    """Return whether a device that works reports its error bits, and not this one."""
    told = bool(decoded.remembered.error_octets) and bit not in decoded.detected_errors
    return told and decoded.device_status in OPERATING


def parameters_of_empty(decoded: DecodedReading) -> dict[str, str]:
    """Return what a report without a row says: of a printer that goes on or has paper, one tray is empty."""
    goes_on = is_contradicted("no_paper", decoded) or any(map(has_paper, ordinary_trays(decoded)))
    return {"variant": ONE_TRAY} if goes_on else {}


def blamed_by_panel(decoded: DecodedReading) -> list[InputTray]:
    """Return the trays that the panel names, but for those that are known to hold paper if others are not."""
    named = trays_named_in(decoded.console_text or "", decoded.input_trays)
    return [tray for tray in named if not has_paper(tray)] or named


def severity_of_no_paper(decoded: DecodedReading) -> Severity:
    """Return the severity of a report that paper is out: critical where it stops the printer."""
    other_paper = any(has_paper(tray) for tray in ordinary_trays(decoded))
    return "warning" if other_paper and decoded.device_status in OPERATING else "critical"


def blamed(decoded: DecodedReading, code: str, known: Known) -> InputTray | None:
    """Return the tray that a report without a row must be about; None where several may be."""
    trays = ordinary_trays(decoded)
    if len(trays) == 1:
        return trays[0]
    suspects = [tray for tray in trays if (_is_low(tray) if code == PAPER_LOW else tray.level == 0)]
    flagged = [tray for tray in trays if (code, tray.index) in known and not (amount_of(tray.level) or 0) > 0]
    for choice in (suspects, flagged):
        if len(choice) == 1:
            return choice[0]
    return None


def _is_low(tray: InputTray) -> bool:
    return tray.level_percent is not None and 0 < tray.level_percent <= _LOW_PERCENT
