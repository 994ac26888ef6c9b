"""A trial of thresholds in words: its table, what differs, and what it cannot tell. Pure."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from core.domain.threshold_trial import TRIED_DAYS, Effect, ThresholdTrial, WatchedPrinter
from core.domain.units import counted, day

NO_HISTORY: Final = "There is no history yet on which thresholds could be tried."


class TrialLine(NamedTuple):
    """A line of the table."""

    about: str
    present: str
    proposed: str
    is_value: bool
    """Whether it is a value that is tried, and the lines below it what that has flagged."""


class TrialDifference(NamedTuple):
    """Printers that one set of values has flagged and the other has not."""

    about: str
    printers: Sequence[WatchedPrinter]


def trial_lines(trial: ThresholdTrial) -> list[TrialLine]:
    """Return the lines of the table."""
    both = (_column(effect, _days_of_answers(trial)) for effect in (trial.present, trial.proposed))
    return [
        TrialLine(about, present, proposed, is_value)
        for (about, present, is_value), (_, proposed, _) in zip(*both, strict=True)
    ]


def _column(effect: Effect, days: str) -> Iterator[tuple[str, str, bool]]:
    (low, critical), after = effect.values
    median = effect.median_lead_days
    lead = "not seen" if median is None else f"{median:,.1f} (of {len(effect.leads):,})"
    yield "A supply is low at", f"{low} %", True
    yield "and critical at", f"{critical} %", True
    yield "Printers with a low supply", f"{len(effect.low_printers):,}", False
    yield "Times a supply was low", f"{effect.low_times:,}", False
    yield "Times it was critical", f"{effect.critical_times:,}", False
    yield "Median days until replaced or empty", lead, False
    yield "Failed readings until not answering", f"{after:,}", True
    yield f"Printers not answering, {days}", f"{len(effect.unreachable_printers):,}", False
    yield f"Times without an answer, {days}", f"{effect.unreachable_times:,}", False


def _days_of_answers(trial: ThresholdTrial) -> str:
    return counted((trial.until - trial.answers_since).days, "day")


def trial_differences(trial: ThresholdTrial) -> list[TrialDifference]:
    """Return the printers that are not flagged alike; what has none is left out."""
    found = (
        ("Low with the proposed values alone", trial.only_low_as_proposed()),
        ("Low with the present values alone", trial.only_low_at_present()),
        ("Not answering with the proposed value alone", trial.only_unreachable_as_proposed()),
        ("Not answering with the present value alone", trial.only_unreachable_at_present()),
    )
    return [TrialDifference(about, printers) for about, printers in found if printers]


def trial_notes(trial: ThresholdTrial, zone: tzinfo) -> list[str]:
    """Return what it goes by and what it cannot tell, in sentences."""
    begins_at = trial.history_begins_at
    begins = ""
    if begins_at is not None and not trial.is_whole:
        begins = f"; history begins on {day(begins_at.astimezone(zone).date())}"
    notes = [
        f"Levels: the last of each hour in {TRIED_DAYS} days{begins}.",
        "Median days: of flags that were seen to come and to end, in brackets how many.",
        f"Answers: every reading of {_days_of_answers(trial)}, for which each is kept.",
        "What printers report as low by themselves is flagged at any threshold, and not counted here.",
    ]
    unjudged = [
        counted(trial.unmeasured, "supply without a percentage", "supplies without a percentage"),
        counted(trial.receptacles, "waste container"),
        counted(trial.without_history, "printer without levels", "printers without levels"),
    ]
    told = [text for text in unjudged if not text.startswith("0 ")]
    return [*notes, f"Not judged: {', '.join(told)}."] if told else notes
