"""A page whose stream broke may be resumed: by whom it was opened for, and by nobody else."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Subprotocol

from dashboard.security.sessions import COOKIE, end_session, hashed
from fleet.database import reading, writing
from fleet.user_commands import find_user
from tests.dashboard.served import Server, serving
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("resumed")
    with serving(folder, settings={"PORTAL_PUBLIC": "true"}) as running:
        yield running


@dataclass
class Tab:
    """An open page, without a browser: what it was shown, and the name by which it may be resumed."""

    socket: websockets.ClientConnection
    name: str = ""
    buttons: dict[str, str] = field(default_factory=dict)
    """Their ids by label."""

    async def run(self, page: str, query: str, pressed: str = "") -> None:
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        if pressed:
            message.rerun_script.widget_states.widgets.add(id=pressed, trigger_value=True)
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self._hear(await self.socket.recv(decode=False)):
                pass

    def _hear(self, octets: bytes) -> bool:
        said = ForwardMsg()
        said.ParseFromString(octets)
        if said.HasField("new_session"):
            self.name = said.new_session.initialize.session_id or self.name
        button = said.delta.new_element.button
        if button.id:
            self.buttons[button.label] = button.id
        return said.HasField("script_finished")


def opened(server: Server, token: str = "", resuming: str = "") -> "websockets.connect":
    protocols = ["streamlit", "PLACEHOLDER_AUTH_TOKEN", resuming] if resuming else ["streamlit"]
    return websockets.connect(
        f"ws{server.url[4:]}/_stcore/stream",
        subprotocols=[Subprotocol(name) for name in protocols],
        additional_headers={"Cookie": f"{COOKIE}={token}"} if token else {},
        open_timeout=PATIENCE_SECONDS,
        max_size=None,
    )


def password_hash(server: Server, name: str) -> str:
    with reading(server.engine) as connection:
        return str((find_user(connection, name) or {})["password_hash"])


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
