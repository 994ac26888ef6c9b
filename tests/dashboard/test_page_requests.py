"""What an open page may ask over its websocket, and what of the answers is its own."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.domain.tokens import hashed
from core.storage.core_tables import USERS
from core.storage.database import writing
from dashboard.app_context import AppContext
from dashboard.web.gate.page_messages import named_files
from dashboard.web.gate.sockets import SESSION_ENDED
from dashboard.web.sign_in.sessions import COOKIE, end_session
from tests.dashboard.asgi import Visitor
from tests.dashboard.doors import ECHO, college, sign_in, visitor

STREAM = "/_stcore/stream"
NEEDED = ("rerun_script", "stop_script", "app_heartbeat")
REFUSED = tuple(
    field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields if field.name not in NEEDED
)
FILE = "0123456789abcdef" * 2


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppContext:
    return college(monkeypatch, tmp_path, {"PORTAL_PUBLIC": "true"})


def message(kind: str, **values: Any) -> bytes:
    """A message of that kind."""
    made = BackMsg()
    value = getattr(made, kind)
    if isinstance(value, bool):
        setattr(made, kind, True)
    else:
        value.SetInParent()
        for name, given in values.items():
            setattr(value, name, given)
    octets: bytes = made.SerializeToString()
    return octets


def deferred(file_id: str) -> bytes:
    made = BackMsg()
    made.backend_operation_request.deferred_file.file_id = file_id
    octets: bytes = made.SerializeToString()
    return octets


def came(who: Visitor, *frames: bytes | str, before: Callable[[], None] | None = None) -> list[bytes]:
    """Which of these frames the application behind the gate was given."""
    sent = who.talk(STREAM, frames, before)
    return [one["bytes"].removeprefix(ECHO) for one in sent if one["type"] == "websocket.send"]


def close_code(who: Visitor, *frames: bytes | str) -> int:
    sent = who.talk(STREAM, frames)
    return next((one["code"] for one in sent if one["type"] == "websocket.close"), 0)


@pytest.mark.parametrize("name", ["", "ada"])
def test_a_page_asks_what_pages_need_and_nothing_else(name: str, app_context: AppContext) -> None:
    who = visitor(app_context)
    if name:
        sign_in(who, name)
    for kind in NEEDED:
        assert came(who, message(kind)) == [message(kind)], kind
    assert "clear_cache" in REFUSED
    for kind in REFUSED:
        if kind == "file_urls_request" and name:
            continue
        assert came(who, message(kind), message("app_heartbeat")) in ([], [message("app_heartbeat")]), kind


def test_no_page_has_the_server_install_anything(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "ada")
    made = BackMsg()
    made.backend_operation_request.install_skills.SetInParent()
    assert came(who, made.SerializeToString()) == []


@pytest.mark.parametrize(("frame", "code"), [("text", 1003), (b"\xff\xff\xff", 1002)])
def test_what_is_no_message_closes_the_page(frame: bytes | str, code: int, app_context: AppContext) -> None:
    assert close_code(visitor(app_context), frame, message("rerun_script")) == code


def revoked(app_context: AppContext, who: Visitor) -> None:
    with writing(app_context.engine) as connection:
        end_session(connection, hashed(who.cookies[COOKIE]), datetime.now(UTC))


def changed(app_context: AppContext, **values: Any) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "ada").values(**values))


@pytest.mark.parametrize(
    "change",
    [
        revoked,
        lambda app_context, who: changed(app_context, active=False),
        lambda app_context, who: changed(app_context, role="technician"),
        lambda app_context, who: changed(app_context, must_change_password=True),
    ],
    ids=["signed out", "closed", "another role", "another's password"],
)
def test_a_button_finds_out_at_once_that_its_session_is_not_what_it_was(
    change: Callable[[AppContext, Visitor], None], app_context: AppContext
) -> None:
    who = visitor(app_context)
    sign_in(who, "ada")
    press = message("rerun_script")
    assert came(who, press) == [press]
    sent = who.talk(STREAM, [press], before=lambda: change(app_context, who))
    assert [one["type"] for one in sent] == ["websocket.accept", "websocket.close"]
    assert sent[-1]["code"] == SESSION_ENDED


def test_a_new_password_of_ones_own_leaves_the_page_open(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "ada")
    changed(app_context, must_change_password=True)
    press = message("rerun_script")
    assert came(who, press, before=lambda: changed(app_context, must_change_password=False)) == [press]


def test_without_the_database_a_page_may_say_so(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "ada")

    def lose() -> None:
        with writing(app_context.engine) as connection:
            connection.execute(text("ALTER TABLE login_sessions RENAME TO gone"))

    assert came(who, message("rerun_script"), before=lose) == [message("rerun_script")]


@pytest.mark.parametrize(("name", "status"), [("", 401), ("tom", 403), ("maya", 403), ("ada", 403)])
def test_a_file_is_taken_from_nobody_but_whose_page_asks_for_one(
    name: str, status: int, app_context: AppContext
) -> None:
    who = visitor(app_context)
    if name:
        sign_in(who, name)
    assert who.ask("PUT", "/_stcore/upload_file/somebody/file", {}, b"x").status == status
    assert who.ask("DELETE", "/_stcore/upload_file/somebody/file", {}).status == status
    asks = message("file_urls_request", request_id="1")
    assert came(who, asks) == ([asks] if name == "ada" else [])


def test_a_download_is_for_the_session_that_was_offered_it(app_context: AppContext) -> None:
    ada, maya = visitor(app_context), visitor(app_context)
    maya.app = ada.app
    sign_in(ada, "ada")
    sign_in(maya, "maya")
    path = f"/media/{FILE}.csv"
    assert ada.get(path).status == 404
    # What comes is sent back, as if the application had named the file.
    sent = ada.talk(STREAM, [message("rerun_script", query_string=f"/media/{FILE}.csv")])
    assert any(FILE.encode() in one.get("bytes", b"") for one in sent)
    assert ada.get(path).status == 200
    assert maya.get(path).status == 404
    assert Visitor(ada.app).get(path).status == 404
    revoked(app_context, ada)
    assert ada.get(path).status == 404


def test_a_file_is_made_for_the_page_that_was_offered_it(app_context: AppContext) -> None:
    ada, maya = visitor(app_context), visitor(app_context)
    maya.app = ada.app
    sign_in(ada, "ada")
    sign_in(maya, "maya")
    offered = message("rerun_script", query_string=FILE)  # sent back, as if the application had offered it
    assert came(ada, offered, deferred(FILE)) == [offered, deferred(FILE)]
    assert came(maya, message("rerun_script"), deferred(FILE)) == [message("rerun_script")]


def test_what_streamlit_says_of_files_is_read_from_its_messages() -> None:
    """The ids are looked for in the octets: parsing every message again would double its cost."""
    offer = ForwardMsg()
    offer.delta.new_element.download_button.deferred_file_id = FILE
    assert FILE in list(named_files(offer.SerializeToString()))
    made = ForwardMsg()
    made.backend_operation_response.deferred_file.url = f"/media/{FILE}{FILE}.csv"
    assert list(named_files(made.SerializeToString())) == [FILE + FILE]
