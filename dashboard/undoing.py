"""Outcomes of actions, and how they are undone: all of one, unless somebody changed a part of it since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from core.domain.permissions import Permission
from core.storage.database import writing
from dashboard.actor import Actor


class UndoStep(Protocol):
    """Puts back one thing that was changed; raises Conflict where somebody has changed it since."""

    def __call__(self, connection: Connection, *, actor: str, now: datetime) -> object: ...


@dataclass(frozen=True)
class Secret:
    """A secret that an action has made: it is shown this once."""

    label: str
    """`The token of the print server.`"""
    text: str
    note: str = "Shown only once: hand it over now."


@dataclass(frozen=True)
class Done:
    """The outcome of an action."""

    said: str
    """What was done, in one sentence without its full stop."""
    steps: tuple[UndoStep, ...] = ()
    """How to undo it; none where nothing was done, or it cannot be undone."""
    refused: tuple[str, ...] = ()
    """What was not done, a sentence each."""
    permission: Permission | None = None
    """What it takes to undo it; None only without steps."""
    confirmed: bool = False
    """Whether undoing it takes a recent proof of who one is, too."""
    secret: Secret | None = None

    def __post_init__(self) -> None:
        if self.steps and self.permission is None:
            raise TypeError("an outcome with steps says what it takes to undo them")


def undo(by: Actor, done: Done) -> None:
    """Take all of it back, or nothing: raises Conflict where somebody has changed a part of it since."""
    if done.permission is not None:
        by.require(done.permission, confirmed=done.confirmed)
    with writing(by.engine) as connection:
        for step in reversed(done.steps):
            step(connection, actor=by.name, now=by.now)


def together(outcomes: Sequence[Done], said: str, permission: Permission) -> Done:
    """Return several outcomes as one."""
    return Done(
        said,
        tuple(step for each in outcomes for step in each.steps),
        tuple(sentence for each in outcomes for sentence in each.refused),
        permission,
    )
