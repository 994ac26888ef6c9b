"""Mute a flag and unmute it, each with its undo."""

from functools import partial

from core.domain.permissions import Permission
from core.storage.database import writing
from core.storage.mutes import KnownMute, MuteRequest, mute_again, mute_flag, unmute
from dashboard.actor import Actor
from dashboard.undoing import Done

_PERMISSION = Permission.TRIAGE_ATTENTION


def mute(by: Actor, wanted: MuteRequest) -> Done:
    """Mute the condition of an open flag, or everything of its part. Raises Forbidden, UserError."""
    by.require(_PERMISSION)
    with writing(by.engine) as connection:
        known = mute_flag(connection, wanted, actor=by.name, now=by.now)
    what = known.mute.title.removesuffix(".")
    step = partial(unmute, known=known)
    return Done(f"{what}: muted, its flag goes with the next reading", (step,), permission=_PERMISSION)


def end(by: Actor, known: KnownMute) -> Done:
    """Unmute it. Raises Forbidden, and Conflict where somebody else has done so."""
    by.require(_PERMISSION)
    with writing(by.engine) as connection:
        unmute(connection, known, actor=by.name, now=by.now)
    what = known.mute.title.removesuffix(".")
    step = partial(mute_again, known=known)
    return Done(f"{what}: unmuted, what the next reading shows counts again", (step,), permission=_PERMISSION)
