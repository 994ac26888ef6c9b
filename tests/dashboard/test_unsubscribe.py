"""The daily summary ended by the link in the mail: asked first, then ended, without signing in."""

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from core.domain.links import Links
from core.storage.database import reading, writing
from core.storage.users import edit_user, find_user
from tests.dashboard.served import Server, serving
from tests.notifier.making import NOON

KEY = "a key of this test"
KEY_BEFORE = "a key of an earlier year"
KEYS = {"SECRET_KEY": KEY, "SECRET_KEY_PREVIOUS": KEY_BEFORE}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("served"), settings=KEYS, for_pages=False) as server:
        yield server


@pytest.fixture(autouse=True)
def maya_receives(server: Server) -> None:
    with writing(server.engine) as connection:
        seen = find_user(connection, "maya")
        assert seen is not None
        wanted: dict[str, str | bool] = {"email": "maya@example.org", "summary": "always"}
        edit_user(connection, seen, wanted, actor="test", now=NOON)


def receives(server: Server) -> bool:
    with reading(server.engine) as connection:
        user = find_user(connection, "maya")
    assert user is not None
    return user.receives_summary


def ask(url: str, body: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=30) as answer:  # noqa: S310 (ours)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def link(server: Server, key: str = KEY) -> str:
    return Links(server.url, key.encode()).unsubscribe("maya")


def test_opening_the_link_only_asks(server: Server) -> None:
    status, page = ask(link(server))
    assert (status, receives(server)) == (200, True)
    assert "Do you want to stop receiving it?" in page


def test_a_link_signed_by_the_key_before_is_still_good(server: Server) -> None:
    assert ask(link(server, KEY_BEFORE), b"")[0] == 200
    assert not receives(server)


def test_the_button_ends_it_and_the_link_then_says_so(server: Server) -> None:
    assert ask(link(server), b"")[0] == 200
    assert not receives(server)
    assert "no longer receive" in ask(link(server))[1]
    assert ask(link(server), b"")[0] == 200


def test_a_mail_programs_one_click_ends_it(server: Server) -> None:
    assert ask(link(server), b"List-Unsubscribe=One-Click")[0] == 200
    assert not receives(server)


def test_a_link_of_somebody_elses_making_ends_nothing(server: Server) -> None:
    for url in (
        link(server, "another key"),
        f"{server.url}/unsubscribe",
        f"{server.url}/unsubscribe?token=x",
    ):
        assert ask(url)[0] == 404
        assert ask(url, b"")[0] == 404
    assert receives(server)
