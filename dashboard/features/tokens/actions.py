"""API tokens: made by administrators, shown once, revoked."""

from datetime import datetime

from sqlalchemy import Engine

from core.domain.permissions import Permission
from core.storage.api_tokens import NewToken, add_token, revoke_token
from core.storage.database import writing
from dashboard.undoing import Done, DoneWithSecret
from dashboard.viewer import Viewer


def make(engine: Engine, viewer: Viewer, new: NewToken, *, now: datetime) -> DoneWithSecret:
    """Make a token for a program. Raises RefusedToken and ConfirmationNeeded."""
    viewer.require(Permission.MANAGE_TOKENS)
    viewer.require_confirmed(now)
    with writing(engine) as connection:
        token = add_token(connection, new, actor=viewer.name, now=now)
    return DoneWithSecret(
        Done(f"{' '.join(new.name.split())} has a token", permission=Permission.MANAGE_TOKENS), token
    )


def revoke(engine: Engine, viewer: Viewer, token_id: int, *, now: datetime) -> Done:
    """End a token; what used it is refused from now on. Raises Conflict where it had ended already."""
    viewer.require(Permission.MANAGE_TOKENS)
    viewer.require_confirmed(now)
    with writing(engine) as connection:
        name = revoke_token(connection, token_id, actor=viewer.name, now=now)
    return Done(f"The token of {name} is revoked", permission=Permission.MANAGE_TOKENS)
