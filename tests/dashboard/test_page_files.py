"""Files of pages, in a real dashboard: what a page gives is its viewer's, what it takes too, and not much."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Final

import pytest
from websockets import ConnectionClosed

from dashboard.web.gate.body_limit import LARGEST_UPLOAD
from dashboard.web.gate.uploads import MOST_FILES
from dashboard.web.sign_in.sessions import COOKIE
from tests.dashboard.served import Server, serving
from tests.dashboard.tabs import Tab, opened
from tests.patience import PATIENCE_SECONDS

XSRF: Final = "_streamlit_xsrf"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("files"), for_pages=False) as running:
        yield running


@dataclass(frozen=True)
class Browser:
    """Somebody's browser: its session's token."""

    server: Server
    token: str

    def ask(self, path: str, method: str = "GET", body: bytes = b"") -> tuple[int, str]:
        """Status and body of an answer."""
        xsrf = self._xsrf() if method != "GET" else ""
        headers = {"Cookie": f"{COOKIE}={self.token}; {XSRF}={xsrf}", "X-Xsrftoken": xsrf}
        if body:
            headers["Content-Type"] = "multipart/form-data; boundary=edge"
        asked = urllib.request.Request(self.server.url + path, body or None, headers, method=method)  # noqa: S310 (ours)
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 (ours)
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def upload(self, page_id: str, name: str, octets: int = 10) -> int:
        """Send a file to a page; the status of the answer."""
        head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        body = head + b"x" * octets + b"\r\n--edge--\r\n"
        return self.ask(f"/_stcore/upload_file/{page_id}/{name}", "PUT", body)[0]

    def remove(self, page_id: str, name: str) -> int:
        """Take a file back."""
        return self.ask(f"/_stcore/upload_file/{page_id}/{name}", "DELETE")[0]

    def _xsrf(self) -> str:
        """As Streamlit gives one to every browser."""
        with urllib.request.urlopen(f"{self.server.url}/_stcore/health", timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 (ours)
            return SimpleCookie(answer.headers["Set-Cookie"])[XSRF].value


@asynccontextmanager
async def inventory(browser: Browser) -> AsyncIterator[Tab]:
    async with opened(browser.server, browser.token) as socket:
        tab = Tab(socket)
        await tab.run("inventory", "")
        yield tab


def test_a_file_goes_into_ones_own_page_alone(server: Server) -> None:
    ada, other, maya = (Browser(server, server.token(role)) for role in ("admin", "admin", "manager"))

    async def try_it() -> list[int]:
        async with inventory(ada) as tab:
            return [
                await asyncio.to_thread(ada.upload, tab.name, "a"),
                await asyncio.to_thread(other.upload, tab.name, "b"),
                await asyncio.to_thread(maya.upload, tab.name, "c"),
                await asyncio.to_thread(ada.upload, "no-such-page", "d"),
                await asyncio.to_thread(other.remove, tab.name, "a"),
            ]

    assert asyncio.run(try_it()) == [204, 403, 403, 403, 403]


def test_files_are_few_and_small(server: Server) -> None:
    ada = Browser(server, server.token("admin"))

    async def try_it() -> None:
        async with inventory(ada) as tab, inventory(ada) as second:
            assert await asyncio.to_thread(ada.upload, tab.name, "large", LARGEST_UPLOAD) == 204
            pages = (tab, second) * MOST_FILES
            given = [
                await asyncio.to_thread(ada.upload, page.name, f"file-{number}")
                for number, page in enumerate(pages)
            ]
            assert given == [204] * (MOST_FILES - 1) + [429] * (MOST_FILES + 1)
            assert await asyncio.to_thread(ada.remove, tab.name, "large") == 204
            assert await asyncio.to_thread(ada.upload, second.name, "again") == 204

    asyncio.run(try_it())


def test_a_download_is_for_whom_it_was_made(server: Server) -> None:
    ada, other, maya = (Browser(server, server.token(role)) for role in ("admin", "admin", "manager"))

    async def try_it() -> None:
        async with opened(server, ada.token) as socket:
            tab = Tab(socket)
            await tab.run("audit", "")
            (made,) = tab.downloads.values()
            path = await tab.download(made)
            status, body = await asyncio.to_thread(ada.ask, path)
            assert (status, "user.created" in body) == (200, True)
            for stranger in (other, maya):
                assert (await asyncio.to_thread(stranger.ask, path))[0] == 404
            async with opened(server, other.token) as another:
                page = Tab(another)
                await page.run("fleet", "")
                with pytest.raises(ConnectionClosed):
                    await page.download(made)

    asyncio.run(try_it())
