"""Whose an open page is: after a lost connection it is resumed by the session that opened it alone.

Streamlit keeps a page for a while after its connection is lost, and gives it to whoever names its id. Its
buttons would still act with the rights of who opened it: so an id that is another's is taken out.
"""

from collections import OrderedDict
from typing import Final

from starlette.types import Message, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PROTOCOLS: Final = b"sec-websocket-protocol"
_MOST: Final = 10_000
_LOOKED_AT: Final = 5
"""Messages at the beginning of a connection among which the page's id must be."""


class Owners:
    """Which session opened which page (by Streamlit's id of it); "" stands for nobody in particular."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, str] = OrderedDict()

    def noting(self, send: Send, session: str) -> Send:
        """`send`, which notes the page's id when the browser is told."""
        left = _LOOKED_AT

        async def sending(message: Message) -> None:
            nonlocal left
            data = message.get("bytes") if left else None
            if data:
                left -= 1
                said = ForwardMsg()
                said.ParseFromString(data)
                if said.HasField("new_session"):
                    left = 0
                    self._note(said.new_session.initialize.session_id, session)
            await send(message)

        return sending

    def protocols(self, value: bytes, session: str) -> bytes:
        """The header that names a page to resume (the third entry), without it where it is another's."""
        entries = value.split(b",")
        if len(entries) > 2 and self._owners.get(entries[2].strip().decode("latin-1")) != session:  # noqa: PLR2004
            entries = entries[:2]
        return b",".join(entries)

    def _note(self, page: str, session: str) -> None:
        self._owners[page] = session
        self._owners.move_to_end(page)
        if len(self._owners) > _MOST:
            self._owners.popitem(last=False)
