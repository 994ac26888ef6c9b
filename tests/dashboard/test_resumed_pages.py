"""A page whose stream broke may be resumed: by whom it was opened for, and by nobody else."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.tokens import hashed
from core.storage.database import reading, writing
from core.storage.users import find_user
from dashboard.web.sign_in.sessions import end_session
from tests.dashboard.served import Server, serving
from tests.dashboard.tabs import Tab, opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("resumed")
    with serving(folder, settings={"PORTAL_PUBLIC": "true"}, for_pages=False) as running:
        yield running


def password_hash(server: Server, name: str) -> str:
    with reading(server.engine) as connection:
        user = find_user(connection, name)
    assert user is not None
    return user.password_hash


async def admins_page(server: Server, token: str) -> Tab:
    """The page Users with Maya chosen, left open by an admin whose stream then broke."""
    async with opened(server, token) as stream:
        tab = Tab(stream)
        await tab.run("users", "user=maya")
    assert tab.name
    assert "Reset password" in tab.buttons
    return tab


async def press(server: Server, token: str, left: Tab, label: str) -> str:
    """Press a button of the page that was left, in a stream of one's own; the name it then has."""
    async with opened(server, token, left.name) as stream:
        tab = Tab(stream)
        await tab.run("users", "user=maya", left.buttons[label])
    return tab.name


def test_who_opened_a_page_resumes_it(server: Server) -> None:
    token, before = server.token("admin"), password_hash(server, "maya")

    async def again() -> None:
        left = await admins_page(server, token)
        assert await press(server, token, left, "Reset password") == left.name

    asyncio.run(again())
    assert password_hash(server, "maya") != before


@pytest.mark.parametrize("role", ["", "technician", "manager", "admin"])
def test_a_page_is_not_resumed_by_anybody_else(role: str, server: Server) -> None:
    admins, before = server.token("admin"), password_hash(server, "maya")

    async def take_over() -> None:
        left = await admins_page(server, admins)
        with writing(server.engine) as connection:
            end_session(connection, hashed(admins), datetime.now(UTC))
        token = server.token(role) if role else ""
        assert await press(server, token, left, "Reset password") != left.name

    asyncio.run(take_over())
    assert password_hash(server, "maya") == before
