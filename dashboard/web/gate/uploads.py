"""Files that are sent to a page: only by whose page it is, and no more than a few of them.

Streamlit keeps them in memory until the page closes, takes them for any page whose id is named, and has no
quota: this looks at whose page that is, and at what is kept for that person already.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboard.web.gate.body_limit import UPLOADS

MOST_FILES: Final = 8
"""Files that are kept or on their way for one session at once, all its pages together."""


class Uploads:
    """Counts what is on its way. Used in the event loop alone."""

    def __init__(self, session_header: str) -> None:
        self._header: Final = session_header
        self._coming: Final[dict[str, int]] = {}

    @contextmanager
    def admitted(self, path: str, method: str, session: str) -> Iterator[None]:
        """Let a request to `UPLOADS` go on for a session's token_hash. Raises HTTPException."""
        page_id = unquote(path.removeprefix(UPLOADS)).partition("/")[0]
        if not session or self._session_of(page_id) != session:
            raise HTTPException(403, "This page is not yours, or is no longer open.")
        if method != "PUT":
            yield
            return
        coming = self._coming.get(session, 0)
        if coming + self._kept(session) >= MOST_FILES:
            raise HTTPException(429, f"No more than {MOST_FILES} files at once: remove one first.")
        self._coming[session] = coming + 1
        try:
            yield
        finally:
            self._coming[session] -= 1
            if not self._coming[session]:
                del self._coming[session]

    def _session_of(self, page_id: str) -> str:
        """Return the session with which an open page was opened; "" where no such page is open."""
        client = Runtime.instance().get_client(page_id) if Runtime.exists() else None
        headers = dict(client.client_context.headers) if client and client.client_context else {}
        return headers.get(self._header, "")

    def _kept(self, session: str) -> int:
        manager = Runtime.instance().uploaded_file_mgr
        assert isinstance(manager, MemoryUploadedFileManager)  # noqa: S101 (the only one Streamlit's server has)
        kept = list(manager.file_storage.items())
        return sum(len(files) for page_id, files in kept if self._session_of(page_id) == session)
