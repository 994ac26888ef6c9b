"""The dashboard as a process: it serves, asks printers, closes what has ended, says why it cannot run."""

import asyncio
import importlib.metadata
import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import websockets
from websockets.typing import Subprotocol

import dashboard
from core.contract.errors import SettingsError, UserError
from core.contract.messages import Presence, RefreshRequest
from core.contract.topics import PRESENCE, REFRESH
from core.domain.tokens import hashed
from core.runtime.mqtt_link import MqttLink
from core.runtime.service import Service
from core.runtime.settings import MqttSettings, load_blocks
from core.runtime.shutdown import ShutdownSignal
from core.storage.database import writing
from dashboard.app import run
from dashboard.broker.refresher import MqttRefresher
from dashboard.settings import DashboardAppSettings
from dashboard.web.sign_in.openid import open_provider
from dashboard.web.sign_in.sessions import COOKIE, end_session
from tests.brokers import BROKERS
from tests.console.embedded import eventually
from tests.dashboard.served import Server, serving
from tests.patience import PATIENCE_SECONDS

STREAM = "/_stcore/stream"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("dashboard")) as running:
        yield running


def stream(server: Server, token: str = "", **headers: str) -> "websockets.connect":
    given = {"Cookie": f"{COOKIE}={token}", **headers} if token else headers
    return websockets.connect(
        f"ws{server.url[4:]}{STREAM}",
        subprotocols=[Subprotocol("streamlit"), Subprotocol("none")],
        additional_headers=given,
        open_timeout=PATIENCE_SECONDS,
    )


def opened(server: Server, token: str = "", **headers: str) -> int:
    """The status of the answer: 101 where it opens."""

    async def knock() -> int:
        try:
            async with stream(server, token, **headers):
                return 101
        except websockets.InvalidStatus as refused:
            assert json.loads(refused.response.body or b"")["error"]
            return refused.response.status_code

    return asyncio.run(knock())


def asked(server: Server, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    request = urllib.request.Request(server.url + path, headers=headers or {})  # noqa: S310 (ours)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 (ours)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_its_health_is_told_to_everybody_and_nothing_else(server: Server) -> None:
    status, body = asked(server, "/healthz")
    assert (status, json.loads(body)) == (200, {"status": "ok", "database": "ok"})


def test_a_stream_needs_a_session_and_our_own_page(server: Server) -> None:
    token = server.token("manager")
    assert opened(server, token) == 101
    assert opened(server, token, Origin=server.url) == 101
    assert opened(server) == 401
    assert opened(server, "guessed") == 401
    assert opened(server, token, Origin="http://evil.example") == 403


def test_a_stream_under_a_strangers_host_name_is_refused(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        connection.sendall(
            f"GET {STREAM} HTTP/1.1\r\nHost: evil.example\r\nCookie: {COOKIE}={server.token('manager')}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert b" 400 " in connection.recv(200).split(b"\r\n")[0]


def test_an_open_stream_ends_with_its_session(server: Server) -> None:
    token = server.token("manager")

    async def until_closed() -> int:
        async with stream(server, token) as socket_:
            with writing(server.engine) as connection:
                end_session(connection, hashed(token), datetime.now(UTC))
            async with asyncio.timeout(PATIENCE_SECONDS):
                await socket_.wait_closed()
            return socket_.close_code or 0

    assert asyncio.run(until_closed()) == 4401
    assert opened(server, token) == 401


def test_without_a_forwarded_header_of_a_trusted_proxy_nothing_is_forwarded(server: Server) -> None:
    status, _ = asked(server, "/login", {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.1.1.1"})
    assert status == 200


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_with_a_page_open(number: signal.Signals, tmp_path: Path) -> None:
    with serving(tmp_path, for_pages=False) as running:
        token = running.token("manager")

        async def stop_it() -> None:
            async with stream(running, token) as open_stream:
                running.process.send_signal(number)
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await open_stream.wait_closed()

        asyncio.run(stop_it())
        assert running.process.wait(PATIENCE_SECONDS) == 0
    assert "Traceback" not in running.log
    assert running.log.rstrip().endswith("stopped")


def test_the_end_of_its_parents_pipe_ends_it(tmp_path: Path) -> None:
    with serving(tmp_path, for_pages=False) as running:
        assert running.process.stdin is not None
        running.process.stdin.close()
        assert running.process.wait(PATIENCE_SECONDS) == 0


def test_what_it_cannot_run_with_is_one_sentence(tmp_path: Path) -> None:
    settings = {"TRUSTED_PROXIES": "a proxy"}
    with pytest.raises(AssertionError, match=r"error: ") as failed, serving(tmp_path, settings=settings):
        pass
    log = (tmp_path / "dashboard.log").read_text()
    assert log.startswith("error: TRUSTED_PROXIES: networks such as "), failed
    assert log.count("\n") == 1


def test_a_setting_that_it_cannot_use_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ROLES", '{"staff": "boss"}')
    with pytest.raises(SettingsError, match=r"^OIDC_ROLES\.staff: 'technician', 'manager' or 'admin' is"):
        load_blocks(DashboardAppSettings)
    monkeypatch.setenv("OIDC_ROLES", "")
    monkeypatch.setenv("OIDC_ISSUER", "http://a.example")
    monkeypatch.setenv("OIDC_CLIENT_ID", "x")
    settings = load_blocks(DashboardAppSettings)
    with pytest.raises(UserError, match=r"^OIDC_ISSUER: is no https"):
        open_provider(settings.sign_on, settings.dashboard.dashboard_url)


def refused(listen: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the service says where it cannot listen there."""
    monkeypatch.setenv("DASHBOARD_LISTEN", listen)
    with pytest.raises(UserError) as said:
        run(load_blocks(DashboardAppSettings), ShutdownSignal())
    return str(said.value)


def test_an_address_it_cannot_listen_on_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for listen in ("192.0.2.1:80", f"127.0.0.1:{taken.getsockname()[1]}"):
            sentence = refused(listen, monkeypatch)
            assert sentence.startswith(f"DASHBOARD_LISTEN: {listen} cannot be listened on")
            assert "\n" not in sentence


@pytest.mark.parametrize("kind", BROKERS)
def test_a_printer_is_asked_over_the_broker(kind: str) -> None:
    with BROKERS[kind]() as broker:
        settings = MqttSettings(mqtt_host="127.0.0.1", mqtt_port=broker.port)
        heard: dict[str, bytes] = {}
        listener = MqttLink(settings, "tester", "here")
        shutdown = ShutdownSignal()
        link = MqttLink(settings, "dashboard", "here")
        service, refresher = Service(link, shutdown), MqttRefresher(link)
        service.heartbeat(dict)
        assert refresher.ask("low") is None  # not there yet: the page says so
        for topic in (REFRESH, PRESENCE):
            listener.subscribe(topic.filter("printers"), lambda name, payload: heard.update({name: payload}))
        listener.start()
        try:
            assert listener.connected.wait(PATIENCE_SECONDS)
            service.start()
            assert eventually(lambda: "printers/$services/dashboard/here" in heard)
            presence = Presence.model_validate_json(heard["printers/$services/dashboard/here"])
            assert presence.status == "online"
            asked_id = refresher.ask("low")
            assert asked_id is not None
            assert eventually(lambda: "printers/low/refresh" in heard)
            assert RefreshRequest.model_validate_json(heard["printers/low/refresh"]).id == asked_id
        finally:
            service.stop()
            listener.stop()


def test_no_file_of_the_dashboard_hides_a_library() -> None:
    """Streamlit puts the script's folder first on sys.path while it runs it."""
    ours = {path.stem for path in Path(dashboard.__path__[0]).iterdir() if not path.name.startswith("_")}
    known = sys.stdlib_module_names | set(importlib.metadata.packages_distributions())
    assert ours & (set(known) - {"dashboard"}) == set()
