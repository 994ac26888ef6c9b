"""The phrases that mails are made of: levels, what a printer says, the fleet in one line. Pure."""

from collections import Counter
from collections.abc import Iterable

from core.contract.messages import Supply
from core.domain.conditions import SEVERITIES, SEVERITY_RANK
from core.domain.purchase_list import PurchaseLine
from core.domain.units import calendar_day, counted
from core.domain.wording import STATES, level_words, word
from core.storage.fleet_states import FleetState
from notifier.clean_text import one_line
from notifier.summary.queries import Facts, OpenFlag


def fleet_line(facts: Facts) -> str:
    """Return the line about the fleet: "40 printers.

    31 fine, 4 need attention, 3 critical, 2 not answering".
    """
    flags: dict[str, set[str]] = {}
    for flag in facts.flags:
        if not flag.quiet:
            flags.setdefault(flag.printer_id, set()).add(flag.severity)
    kinds = Counter(_kind(state, flags.get(id_, set())) for id_, state in facts.states.items())
    total = len(facts.states)
    if not total:
        return "There are no printers yet."
    if kinds["fine"] == total:
        return "All is well: the one printer is fine." if total == 1 else f"All {total} printers are fine."
    words = {
        "fine": "fine",
        "warning": "needs attention" if kinds["warning"] == 1 else "need attention",
        "critical": "critical",
        "failed": "not answering",
        "stale": "not looked at",
        "unreached": "not reached yet",
    }
    parts = [f"{kinds[kind]} {text}" for kind, text in words.items() if kinds[kind]]
    quiet = len({(flag.printer_id, flag.code, flag.subject) for flag in facts.flags if flag.quiet})
    known = f" ({counted(quiet, 'flag is', 'flags are')} acknowledged or snoozed)" if quiet else ""
    return f"{counted(total, 'printer')}: {', '.join(parts)}{known}."


def _kind(state: FleetState, severities: set[str]) -> str:
    if state.stale:
        return "stale"
    if not state.reached:
        return "unreached"
    if not state.latest.reachable:
        return "failed"
    return next(
        (severity for severity in SEVERITIES if severity in severities and severity != "info"), "fine"
    )


def says_now(state: FleetState | None, flags: Iterable[OpenFlag]) -> str:
    """Return what the printer of an issue says at the moment: its state, its worst flag, its panel."""
    if state is None:
        return "The printer is no longer watched."
    if not state.reached:
        return "The printer has not been reached yet."
    own = leading_first([flag for flag in flags if flag.printer_id == state.printer_id], state)
    shown = "No news; last" if state.stale else word(STATES, state.latest.state)
    worst = one_line(own[0].message) if own else "nothing wrong" if state.stale else ""
    said = f"{shown}: {worst}" if worst else shown
    return f"{said.rstrip('.')}.{panel_text(state)}"


def leading_first(flags: Iterable[OpenFlag], state: FleetState | None) -> list[OpenFlag]:
    """Return the flags of a printer as its state has them: what stops it leads, then the worst."""
    order = {
        (flag.code, flag.subject): place for place, flag in enumerate(state.latest.attention if state else ())
    }

    def key(flag: OpenFlag) -> tuple[int, int]:
        return order.get((flag.code, flag.subject), len(order)), -SEVERITY_RANK.get(flag.severity, -1)

    return sorted(flags, key=key)


def panel_text(state: FleetState) -> str:
    """Return what stands on its panel, quoted; empty where nothing does."""
    text = one_line(state.latest.console_text, 80)
    return f" Panel: “{text}”" if text else ""


def overdue_facts(line: PurchaseLine) -> tuple[str, ...]:
    """Return when an order was expected, who ordered it, under which reference."""
    order = line.purchase
    if order is None or order.expected_by is None:
        return ()
    said = (f"expected by {calendar_day(order.expected_by)}", f"ordered by {one_line(order.ordered_by, 60)}")
    return (*said, f"reference {one_line(order.reference, 120)}") if order.reference else said


def level_text(supply: Supply) -> str:
    """Return the level in words: "now 9 %", "some left"; empty where the printer says nothing."""
    if supply.level_percent is not None:
        return f"now {supply.level_percent} %"
    return level_words(supply)


def runs_out(days: float) -> str:
    """Return when it runs out: "Has run out", "runs out within a day", "in about 5 days"."""
    if days <= 0:
        return "has run out"
    if days < 1:
        return "runs out within a day"
    return f"runs out in about {counted(round(days), 'day')}"
