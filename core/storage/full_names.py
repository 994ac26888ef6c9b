"""What people are called in mails and on pages: by their full names, also those who have left since."""

from collections import Counter

from sqlalchemy import Connection, select

from core.storage.audit import COMMAND_LINE
from core.storage.core_tables import USERS


def full_names(connection: Connection, *, only_active: bool = False) -> dict[str, str]:
    """Return the full names of accounts by username, in alphabetical order.

    No two are the same: namesakes are told apart by what they sign in with.
    """
    rows = connection.execute(select(USERS.c.name, USERS.c.full_name, USERS.c.active)).all()
    often = Counter(row.full_name for row in rows if row.full_name)
    names = {
        row.name: f"{row.full_name} ({row.name})" if often[row.full_name] > 1 else row.full_name or row.name
        for row in rows
        if row.active or not only_active
    }
    return dict(sorted(names.items(), key=lambda item: item[1].casefold()))


def actor_name(connection: Connection, actor: str) -> str:
    """Return who has done something, as a sentence begins with them: Maya Lindqvist."""
    if actor == COMMAND_LINE:
        return "Somebody at the command line of the server"
    return full_names(connection).get(actor, actor)
