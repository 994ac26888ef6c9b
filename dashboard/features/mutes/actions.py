"""Mute a flag and unmute it, each with its undo."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.domain.permissions import Permission
from core.storage.database import writing
from core.storage.mutes import KnownMute, MuteRequest, mute_again, mute_flag, unmute
from dashboard.actor import Actor
from dashboard.undoing import Done


@dataclass(frozen=True)
class MutedStep:
    """Something that was muted."""

    known: KnownMute

    def back(self, connection: Connection, *, actor: str, now: datetime) -> None:
        unmute(connection, self.known, actor=actor, now=now)


@dataclass(frozen=True)
class UnmutedStep:
    """Something that was unmuted."""

    known: KnownMute

    def back(self, connection: Connection, *, actor: str, now: datetime) -> None:
        mute_again(connection, self.known, actor=actor, now=now)


def mute(by: Actor, wanted: MuteRequest) -> Done:
    """Mute the condition of an open flag, or everything of its part. Raises Forbidden, UserError."""
    by.viewer.require(Permission.TRIAGE_ATTENTION)
    with writing(by.engine) as connection:
        known = mute_flag(connection, wanted, actor=by.name, now=by.now)
    what = known.mute.title.removesuffix(".")
    return Done(f"{what}: muted, its flag goes with the next reading", (MutedStep(known),))


def end(by: Actor, known: KnownMute) -> Done:
    """Unmute it. Raises Forbidden, and Conflict where somebody else has done so."""
    by.viewer.require(Permission.TRIAGE_ATTENTION)
    with writing(by.engine) as connection:
        unmute(connection, known, actor=by.name, now=by.now)
    what = known.mute.title.removesuffix(".")
    return Done(f"{what}: unmuted, what the next reading shows counts again", (UnmutedStep(known),))
