"""Redate what was stored while the clock was ahead, once it has been set back. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from core.contract.messages import Attention
from processor.judgment.judge import Judged
from processor.rules.memory import RuleMemory, SetBack

At = TypeVar("At", bound=datetime | None)


def redated(judged: Judged, now: datetime) -> Judged:
    """Return what is known of a printer with every time after `now` replaced by it."""
    state, memory = judged.state, RuleMemory.load(judged.memory)
    was = state.taken_at or now
    state = state.model_copy(
        update={
            "taken_at": _not_after(state.taken_at, now),
            "answered_at": _not_after(state.answered_at, now),
            "stale_at": _not_after(state.stale_at, now),
            "attention": tuple(redated_flag(flag, now) for flag in state.attention),
        }
    )
    identity = memory.identity
    memory = replace(
        memory,
        missed_since=_not_after(memory.missed_since, now),
        hidden=tuple(redated_flag(flag, now) for flag in memory.hidden),
        identity=replace(identity, changed_at=_not_after(identity.changed_at, now)),
        set_back=SetBack(now, was),
    )
    return replace(judged, state=state, memory=memory.dump())


def redated_flag(flag: Attention, now: datetime) -> Attention:
    """Return a flag that has not begun after `now`."""
    return flag if flag.since_at <= now else flag.model_copy(update={"since_at": now})


def _not_after(at: At, now: datetime) -> At | datetime:
    return now if at is not None and at > now else at
