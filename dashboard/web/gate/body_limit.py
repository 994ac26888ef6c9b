"""Limit the size of a request's body and the time it may take: the rest is refused before it is read."""

from typing import Final

import anyio
from starlette.types import Message, Receive, Scope, Send

LARGEST: Final = 256 * 1024
"""Bytes; the longest report that may be filed needs a fifth of that."""
LARGEST_UPLOAD: Final = 2 * 1024 * 1024
"""Bytes of a file for a page: 20,000 rows of an inventory are about so many."""
LARGEST_PHOTO: Final = 10 * 1024 * 1024
"""Bytes of a photo, which is a body of its own; a phone's camera makes half of that."""
_FRAMING: Final = 64 * 1024
"""What a multipart body may add to its file."""
UPLOADS: Final = "/_stcore/upload_file/"
PHOTOS: Final = "/photos"
PART_SECONDS: Final = 30.0
"""How long the next part of a body may take; a body that stops coming would hold its connection for ever."""


def largest(path: str) -> int:
    """Return how many bytes of a body that path takes."""
    if path == PHOTOS:
        return LARGEST_PHOTO
    return LARGEST_UPLOAD + _FRAMING if path.startswith(UPLOADS) else LARGEST


def declares_too_much(scope: Scope) -> bool:
    """Return whether a request says itself that its body is larger than may be."""
    limit = largest(scope["path"])
    declared = [value for name, value in scope["headers"] if name == b"content-length"]
    return any(value.isdigit() and int(value[:20]) > limit for value in declared)


def too_large(path: str) -> str:
    """Return the sentence for a body that is too large."""
    if path == PHOTOS:
        return f"This photo is too large: at most {LARGEST_PHOTO // 1024**2} MB."
    return f"The body is larger than {largest(path) // 1024} KiB."


class LimitedBody:
    """One request's body and answer.

    A body that is refused ends for the application as if the client had gone. What the application
    says to that is dropped while nothing was sent yet: `refusal` is the answer then.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._path: Final[str] = scope["path"]
        self._limit: Final = largest(self._path)
        self._receive: Final = receive
        self._send: Final = send
        self._came = 0
        self._whole = False
        self.refusal: tuple[int, str] | None = None
        """Status and sentence, where the body was too large or too slow."""
        self.answered = False
        """Whether an answer has begun."""

    async def receive(self) -> Message:
        """Return the next part of the body."""
        if self._whole:  # all that can come now is that the client goes: no matter when
            return await self._receive()
        with anyio.move_on_after(PART_SECONDS) as waiting:
            message = await self._receive()
        if waiting.cancelled_caught:
            return self._refuse(408, "The body did not come in time.")
        self._came += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        return message if self._came <= self._limit else self._refuse(413, too_large(self._path))

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on."""
        if self.refusal is not None and not self.answered:
            return
        self.answered = True
        await self._send(message)

    def _refuse(self, status: int, sentence: str) -> Message:
        self.refusal = (status, sentence)
        return {"type": "http.disconnect"}
