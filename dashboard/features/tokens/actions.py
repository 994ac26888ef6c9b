"""API tokens: made by administrators, shown once, revoked."""

from core.domain.permissions import Permission
from core.storage.api_tokens import NewToken, add_token, revoke_token
from core.storage.database import writing
from dashboard.actor import Actor
from dashboard.undoing import Done, Secret


def make(by: Actor, new: NewToken) -> Done:
    """Make a token for a program. Raises RefusedToken and ConfirmationNeeded."""
    by.require(Permission.MANAGE_TOKENS, confirmed=True)
    with writing(by.engine) as connection:
        token = add_token(connection, new, actor=by.name, now=by.now)
    name = " ".join(new.name.split())
    return Done(f"{name} has a token", secret=Secret(f"The token of {name}.", token))


def revoke(by: Actor, token_id: int) -> Done:
    """End a token; what used it is refused from now on. Raises Conflict where it had ended already."""
    by.require(Permission.MANAGE_TOKENS, confirmed=True)
    with writing(by.engine) as connection:
        name = revoke_token(connection, token_id, actor=by.name, now=by.now)
    return Done(f"The token of {name} is revoked")
