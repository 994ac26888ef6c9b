"""An open page without a browser, which speaks Streamlit's messages to a dashboard in its own process."""

import asyncio
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Subprotocol

from dashboard.web.sign_in.sessions import COOKIE
from tests.dashboard.served import Server
from tests.patience import PATIENCE_SECONDS


@dataclass
class Tab:
    """An open page, without a browser: what it was shown, and the name by which it may be resumed."""

    socket: websockets.ClientConnection
    name: str = ""
    buttons: dict[str, str] = field(default_factory=dict)
    """Their ids by label."""
    downloads: dict[str, str] = field(default_factory=dict)
    """The ids of the files that are made when a button is pressed, by its label."""

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

    async def download(self, file_id: str) -> str:
        """Have a file made; the path it can be fetched from then."""
        message = BackMsg()
        message.backend_operation_request.request_id = "1"
        message.backend_operation_request.session_id = self.name
        message.backend_operation_request.deferred_file.file_id = file_id
        await self.socket.send(message.SerializeToString())
        said = ForwardMsg()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not said.HasField("backend_operation_response"):
                said.ParseFromString(await self.socket.recv(decode=False))
        return said.backend_operation_response.deferred_file.url

    def _hear(self, octets: bytes) -> bool:
        said = ForwardMsg()
        said.ParseFromString(octets)
        if said.HasField("new_session"):
            self.name = said.new_session.initialize.session_id or self.name
        button = said.delta.new_element.button
        if button.id:
            self.buttons[button.label] = button.id
        download = said.delta.new_element.download_button
        if download.id:
            self.downloads[download.label] = download.deferred_file_id
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
