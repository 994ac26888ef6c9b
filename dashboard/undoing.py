"""Undo actions: each step puts back what it found, unless somebody changed it since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from core.domain.permissions import Permission
from core.storage.database import writing
from dashboard.actor import Actor


class UndoStep(Protocol):
    """One thing that was changed."""

    def back(self, connection: Connection, *, actor: str, now: datetime) -> None:
        """Put back what was there; raises Conflict where somebody has changed it since."""


@dataclass(frozen=True)
class Done:
    """The outcome of an action."""

    said: str
    """What was done, in one sentence without its full stop."""
    steps: tuple[UndoStep, ...] = ()
    """How to undo it; none where nothing was done."""
    refused: tuple[str, ...] = ()
    """What was not done, a sentence each."""
    permission: Permission = Permission.TRIAGE_ATTENTION
    """What it takes to do it, and so to undo it."""
    confirmed: bool = False
    """It was done by who had proved again who they are, and so is undoing it."""


@dataclass(frozen=True)
class DoneWithSecret:
    """The outcome of an action that made a secret, and the secret, which is shown this once."""

    done: Done
    secret: str


def undo(by: Actor, done: Done) -> None:
    """Take all of it back, or nothing: raises Conflict where somebody has changed a part of it since."""
    by.viewer.require(done.permission)
    if done.confirmed:
        by.viewer.require_confirmed(by.now)
    with writing(by.engine) as connection:
        for step in reversed(done.steps):
            step.back(connection, actor=by.name, now=by.now)


def together(outcomes: Sequence[Done], said: str, permission: Permission) -> Done:
    """Return several outcomes as one."""
    return Done(
        said,
        tuple(step for each in outcomes for step in each.steps),
        tuple(sentence for each in outcomes for sentence in each.refused),
        permission,
    )
