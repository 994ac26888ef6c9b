"""The phrases that mails are made of: the fleet in one line, the order of flags, days to go. Pure."""

from collections import Counter
from collections.abc import Iterable

from core.domain.conditions import SEVERITIES, SEVERITY_RANK
from core.domain.health import HEALTHS
from core.domain.units import counted
from core.domain.wording import STATES, within_line
from core.mails.facts import Facts, OpenFlag
from core.storage.fleet_states import FleetState


def fleet_line(facts: Facts) -> str:
    """Return the line about the fleet: `40 printers: 31 OK, 4 warnings, 3 critical.`"""
    kinds = Counter(kinds_of(facts).values())
    total = len(facts.states)
    if not total:
        return "There are no printers yet."
    if kinds["ok"] == total:
        well = HEALTHS["ok"]
        return (
            f"All is well: the one printer is {well}." if total == 1 else f"All {total} printers are {well}."
        )
    words = {
        "ok": HEALTHS["ok"],
        "warning": "warning" if kinds["warning"] == 1 else "warnings",
        "critical": HEALTHS["critical"],
        "failed": STATES["unreachable"],
        "stale": HEALTHS["stale"],
        "unreached": HEALTHS["new"],
        "out": HEALTHS["out"],
    }
    parts = [f"{kinds[kind]} {within_line(text)}" for kind, text in words.items() if kinds[kind]]
    out = {printer_id for printer_id, state in facts.states.items() if state.out_of_service}
    flags = (flag for flag in facts.flags if flag.quiet and flag.printer_id not in out)
    quiet = len({(flag.printer_id, flag.code, flag.subject) for flag in flags})
    known = f" ({counted(quiet, 'flag is', 'flags are')} acknowledged or snoozed)" if quiet else ""
    return f"{counted(total, 'printer')}: {', '.join(parts)}{known}."


def kinds_of(facts: Facts) -> dict[str, str]:
    """Return how each printer is, by id: out, stale, unreached, failed, critical, warning or ok."""
    flags: dict[str, set[str]] = {}
    for flag in facts.flags:
        if not flag.quiet:
            flags.setdefault(flag.printer_id, set()).add(flag.severity)
    return {id_: _kind(state, flags.get(id_, set())) for id_, state in facts.states.items()}


def _kind(state: FleetState, severities: set[str]) -> str:
    if state.out_of_service:
        return "out"
    if state.stale:
        return "stale"
    if not state.reached:
        return "unreached"
    if not state.latest.reachable:
        return "failed"
    return next((severity for severity in SEVERITIES if severity in severities and severity != "info"), "ok")


def leading_first(flags: Iterable[OpenFlag], state: FleetState | None) -> list[OpenFlag]:
    """Return the flags of a printer as its state has them: what stops it leads, then the worst."""
    order = {
        (flag.code, flag.subject): place for place, flag in enumerate(state.latest.attention if state else ())
    }

    def key(flag: OpenFlag) -> tuple[int, int]:
        return order.get((flag.code, flag.subject), len(order)), -SEVERITY_RANK.get(flag.severity, -1)

    return sorted(flags, key=key)


def days_to_go(days: float) -> str:
    """Return when something runs out: "within a day", "in 5 days"."""
    return "within a day" if days < 1 else f"in {counted(round(days), 'day')}"
