"""What mosquitto is given to read, and where it is found."""

import base64
import hashlib
import os
import socket
from pathlib import Path

import pytest

from console.broker import mosquitto
from console.broker.access import Grant
from console.broker.mosquitto import (
    access_list,
    configuration,
    find_mosquitto,
    password_line,
    start,
    write_files,
)
from tests.brokers import free_port
from tests.patience import PATIENCE_SECONDS, until


def test_it_listens_where_it_is_told_and_lets_nobody_in_without_a_password() -> None:
    lines = configuration(Path("data/broker"), ("127.0.0.1", "192.0.2.7"), 1884, 1_048_576).splitlines()
    listeners = [line for line in lines if line.startswith("listener")]
    assert listeners == ["listener 1884 127.0.0.1", "listener 1884 192.0.2.7"]
    assert "allow_anonymous false" in lines
    assert "max_queued_messages 1000000" in lines
    assert "max_inflight_messages 0" in lines
    assert "autosave_interval 300" in lines


def test_the_access_list_names_what_may_be_written_and_read() -> None:
    collector = Grant(publish=("p/+/reading",), read=("p/$sites/+/stored",))
    assert access_list({"collector": collector, "reader": Grant((), ("p/#",))}).splitlines() == [
        "user collector",
        "topic write p/+/reading",
        "topic read p/$sites/+/stored",
        "",
        "user reader",
        "topic read p/#",
    ]


def test_a_password_is_hashed_as_mosquitto_expects() -> None:
    user, _, rest = password_line("reader", "secret", b"0123456789ab").partition(":")
    _, seven, rounds, salt, digest = rest.split("$")
    assert (user, seven, base64.b64decode(salt)) == ("reader", "7", b"0123456789ab")
    expected = hashlib.pbkdf2_hmac("sha512", b"secret", b"0123456789ab", int(rounds))
    assert base64.b64decode(digest) == expected


def test_the_same_password_is_never_hashed_alike() -> None:
    assert password_line("reader", "secret") != password_line("reader", "secret")


@pytest.mark.processes
def test_a_start_without_a_fault_leaves_no_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found, port = find_mosquitto(), free_port()
    if found is None:
        pytest.skip("mosquitto is not installed")
    caplog.set_level("INFO")
    text = configuration(tmp_path, ("127.0.0.1",), port, 1_048_576)
    process, relay = start(found.path, write_files(tmp_path, text, {"up": "secret"}, {}))
    try:
        until(lambda: is_taken(port), "mosquitto")
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        relay.join(PATIENCE_SECONDS)
    assert caplog.messages == []


def is_taken(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(os.name != "posix", reason="a shell script plays the program")
@pytest.mark.processes
def test_a_program_that_is_no_mosquitto_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretender = tmp_path / "mosquitto"
    pretender.write_text("#!/bin/sh\necho mosquitto version 1.4.8\n")
    pretender.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(mosquitto, "_usual_places", list)
    assert find_mosquitto() is None
    pretender.write_text("#!/bin/sh\necho mosquitto version 2.1.0\nexit 3\n")
    found = find_mosquitto()
    assert found is not None
    assert (found.path, found.version) == (str(pretender), "2.1.0")
