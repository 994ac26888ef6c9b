"""`settings try`: what thresholds would have flagged, before they are changed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.text import Text

from console.database import open_to_read, settings_now
from console.tables import word_table
from console.terminal import foreign, make_console, print_json, progress
from core.contract.errors import EXIT_OK, UserError
from core.domain.threshold_trial import Effect, ThresholdTrial, tried_since
from core.domain.threshold_words import NO_HISTORY, trial_differences, trial_lines, trial_notes
from core.runtime.mail_settings import SummarySettings
from core.runtime.settings import HistorySettings, RuleSettings
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from core.storage.stored_settings import if_changed
from core.storage.watched_printers import read_watched
from core.timeseries.stores import open_store
from core.timeseries.threshold_trial import tried_values, try_thresholds

_LISTED: Final = 10
"""Printers of a difference that are listed; --json has all."""


def try_settings(pairs: Sequence[str], *, as_json: bool) -> int:
    """Show what the values of `NAME=VALUE` pairs would have flagged beside what the present ones did."""
    changes = _changes(pairs)
    present = settings_now(RuleSettings)
    trial = _tried(present, if_changed(present, changes))
    if as_json:
        print_json(_for_programs(trial))
    elif trial.history_begins_at is None:
        make_console().print(NO_HISTORY, soft_wrap=True)
    else:
        _show(trial)
    return EXIT_OK


def _changes(pairs: Sequence[str]) -> Mapping[str, str]:
    changes = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UserError(f"NAME=VALUE is wanted, such as SUPPLY_LOW_PERCENT=20, and not {pair}.")
        changes[name.strip().upper()] = value
    if not changes:
        raise UserError("say what is to be tried: settings try SUPPLY_LOW_PERCENT=20.")
    return changes


def _tried(present: RuleSettings, proposed: RuleSettings) -> ThresholdTrial:
    now, history = utc_now(), settings_now(HistorySettings)
    with reading(open_to_read()) as connection:
        printers = read_watched(connection, tried_since(now), now)
    reader = open_store(history).open_reader()
    try:
        with progress("trying", "printers") as bars:
            bar = bars.add_task("", total=len(printers))
            return try_thresholds(
                reader,
                printers,
                tried_values(present),
                tried_values(proposed),
                history.history_raw_days,
                now,
                lambda done, _of: bars.update(bar, completed=done),
            )
    finally:
        reader.close()


def _show(trial: ThresholdTrial) -> None:
    console = make_console()
    rows = []
    for line in trial_lines(trial):
        style = "bold" if line.is_value else ""
        changed = "bold yellow" if line.present != line.proposed else style
        rows.append([Text(line.about, style), Text(line.present, style), Text(line.proposed, changed)])
    titles = ("last 30 days", "present", "proposed")
    console.print(word_table(console, titles, rows, right=("present", "proposed")))
    for difference in trial_differences(trial):
        console.print(f"\n[bold]{difference.about}: {len(difference.printers):,}[/bold]")
        for printer in difference.printers[:_LISTED]:
            console.print(Text.assemble("  ", foreign(printer.name), "  ", foreign(printer.location, "dim")))
        if len(difference.printers) > _LISTED:
            console.print(f"  and {len(difference.printers) - _LISTED:,} more; --json lists all")
    console.print()
    for note in trial_notes(trial, ZoneInfo(settings_now(SummarySettings).time_zone)):
        console.print(note, style="dim")


def _for_programs(trial: ThresholdTrial) -> dict[str, Any]:
    begins_at = trial.history_begins_at
    return {
        "since": trial.since.isoformat(),
        "answers_since": trial.answers_since.isoformat(),
        "history_begins_at": begins_at.isoformat() if begins_at else None,
        "printers": trial.printers,
        "printers_without_levels": trial.without_history,
        "supplies_without_percentage": trial.unmeasured,
        "waste_containers": trial.receptacles,
        "present": _effect_for_programs(trial.present),
        "proposed": _effect_for_programs(trial.proposed),
    }


def _effect_for_programs(effect: Effect) -> dict[str, Any]:
    """Return what one set of values has flagged, the values by the names of their settings."""
    (low, critical), after = effect.values
    return {
        "supply_low_percent": low,
        "supply_critical_percent": critical,
        "unreachable_after": after,
        "low_printers": sorted(effect.low_printers),
        "low_times": effect.low_times,
        "critical_times": effect.critical_times,
        "median_lead_days": effect.median_lead_days,
        "leads": len(effect.leads),
        "unreachable_printers": sorted(effect.unreachable_printers),
        "unreachable_times": effect.unreachable_times,
    }
