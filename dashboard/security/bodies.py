"""How much of a request's body is taken: what is larger is refused before it fills the memory."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

LARGEST: Final = 256 * 1024
"""Bytes; the longest report that may be filed needs a fifth of that."""
_UPLOADS: Final = "/_stcore/upload_file/"
"""Files for a page, which Streamlit counts itself (server.maxUploadSize)."""


def bounded(scope: Scope, receive: Receive) -> Receive:
    """`receive` for an application: it raises 413 once more than LARGEST is declared or has come."""
    if scope["path"].startswith(_UPLOADS):
        return receive
    declared = dict(scope["headers"]).get(b"content-length", b"")
    if declared.isdigit() and int(declared[:20]) > LARGEST:
        return _refuse
    came = 0

    async def receiving() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        return message if came <= LARGEST else await _refuse()

    return receiving


async def _refuse() -> Message:
    raise HTTPException(413, f"The body is larger than {LARGEST // 1024} KiB.")
