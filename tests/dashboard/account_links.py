"""Links for accounts as tests use them: given out, opened in a browser, their form sent."""

from datetime import UTC, datetime

from sqlalchemy import select

from core.domain.permissions import ROLES
from core.storage.account_links import (
    AccountLink,
    Invitation,
    open_links,
)
from core.storage.core_tables import AUDIT
from core.storage.database import reading
from core.storage.users import find_user
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.users import link_actions
from dashboard.undoing import Done
from dashboard.web.routes import account_link
from tests.dashboard.asgi import Visitor
from tests.dashboard.doors import behind_gate
from tests.dashboard.harness import ADMIN, shown_once


def visitor(app_context: AppContext, scheme: str = "http") -> Visitor:
    """Somebody before the gate, behind which are the routes of signing in."""
    return Visitor(behind_gate(app_context, account_link.ROUTES), scheme=scheme)


def invited(app_context: AppContext, email: str = "noor@college.example", role: str = "manager") -> str:
    wanted, now = Invitation(ROLES[role], email), datetime.now(UTC)
    by = Actor(app_context.engine, ADMIN, now)
    return token_of(link_actions.invite(by, wanted, "http://x.example", by_mail=False))


def password_link(app_context: AppContext, name: str) -> str:
    now = datetime.now(UTC)
    with reading(app_context.engine) as connection:
        seen = find_user(connection, name)
    assert seen is not None
    by = Actor(app_context.engine, ADMIN, now)
    return token_of(link_actions.password_link(by, seen, "http://x.example", by_mail=False))


def token_of(made: Done) -> str:
    return shown_once(made).rpartition("#")[2]


def opened(app_context: AppContext, token: str, scheme: str = "http") -> Visitor:
    who = visitor(app_context, scheme)
    answer = who.post("/login/link/token", {"token": token})
    assert answer.status == 204, answer.body
    return who


def listed(app_context: AppContext) -> list[AccountLink]:
    with reading(app_context.engine) as connection:
        return list(open_links(connection, datetime.now(UTC)))


def audited(app_context: AppContext) -> list[tuple[str, str, str]]:
    with reading(app_context.engine) as connection:
        row = AUDIT.c
        kinds = row.action.startswith("user.")
        found = connection.execute(select(row.action, row.subject, row.actor).where(kinds).order_by(row.id))
        return [(line.action, line.subject, line.actor) for line in found]
