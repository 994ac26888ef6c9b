"""Read from Streamlit's messages what an open page asks over its websocket, and which files it was told of.

Streamlit takes more kinds of messages than our pages send, and from everybody: `clear_cache` empties the
caches of all viewers, `backend_operation_request` can install files on the server.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from streamlit.proto.BackMsg_pb2 import BackMsg

_NEEDED: Final = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"})
_OPERATION: Final = "backend_operation_request"
_DEFERRED: Final = "deferred_file"
"""The only operation that pages need: a download whose file is made when its button is pressed."""
_UNATTENDED: Final = frozenset({"stop_script", "app_heartbeat"})
"""What runs nothing of ours, so that nobody needs to be looked up for it."""

# Media ids are hexadecimal digests. The id of a file that is not made yet is 32 hexadecimal digits in a
# protobuf string, which its length precedes: 32, which is a space.
_FILES: Final = re.compile(rb"(?:/media/| (?=[0-9a-f]{32}(?![0-9a-f])))([0-9a-f]{16,128})")


class UnreadableMessage(Exception):
    """The data is no message of a page."""


@dataclass(frozen=True)
class PageRequest:
    """One message from a page."""

    kind: str
    deferred_file: str = ""
    """The file that is to be made for a download; "" for everything else."""

    @property
    def needed(self) -> bool:
        """Whether our pages send such messages."""
        return self.kind in _NEEDED or bool(self.deferred_file)

    @property
    def runs(self) -> bool:
        """Whether something is done for whoever sends it."""
        return self.kind not in _UNATTENDED

    @property
    def uploads(self) -> bool:
        """Whether it asks where to send a file to."""
        return self.kind == "file_urls_request"


def read_message(data: bytes) -> PageRequest:
    """Return what a binary frame asks for. Raises UnreadableMessage."""
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except Exception as error:  # whatever protobuf raises, a library that only Streamlit depends on
        raise UnreadableMessage from error
    kind = message.WhichOneof("type") or ""
    operation = message.backend_operation_request
    if kind == _OPERATION and operation.WhichOneof("payload") == _DEFERRED:
        return PageRequest(kind, operation.deferred_file.file_id)
    return PageRequest(kind)


def named_files(data: bytes) -> Iterator[str]:
    """Yield the ids of the files that a message to a page names (and now and then something else)."""
    return (found.decode() for found in _FILES.findall(data))
