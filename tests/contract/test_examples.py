"""The examples for other systems, tried: Python on a broker, Node-RED's functions in node, the shell line."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.broker.credentials import BrokerCredentials
from core.contract.messages import PrinterAttention, RefreshRequest
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import MqttSettings
from tests.brokers import free_port, mosquitto
from tests.console.embedded import KINDS, eventually, running_broker
from tests.console.raw_client import RawClient
from tests.core.golden_messages import GOLDEN
from tests.house.documents import command_of
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS

EXAMPLES = ROOT / "docs" / "examples"
FLAGS = GOLDEN["PrinterAttention"]
NODES: list[dict[str, Any]] = json.loads((EXAMPLES / "node-red.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=KINDS)
def credentials(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrokerCredentials]:
    """The embedded broker of each kind, for all tests."""
    with running_broker(request.param, tmp_path_factory.mktemp("broker")) as (_, found):
        yield found


def test_the_subscriber_tells_what_comes_and_what_goes(tmp_path: Path) -> None:
    with mosquitto() as broker:
        link = MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=broker.port), "tester", "processor")
        link.start()
        assert link.connected.wait(PATIENCE_SECONDS)
        link.publish("printers/library-1/attention", json.dumps(FLAGS), retain=True)
        log = tmp_path / "log"
        command = [
            sys.executable,
            str(EXAMPLES / "subscriber.py"),
            "127.0.0.1",
            str(broker.port),
            "reader",
            "x",
        ]
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            assert eventually(lambda: "library-1 +" in log.read_text()), log.read_text()
            link.publish("printers/library-1/attention", b"", retain=True)
            assert eventually(lambda: "library-1 -" in log.read_text()), log.read_text()
        finally:
            process.kill()
            process.wait()
            link.stop()
    message = PrinterAttention.model_validate(FLAGS).attention[0].message
    assert message in log.read_text()


def subscriber(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / "subscriber.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)


def test_the_subscriber_names_a_wrong_password_and_ends(credentials: BrokerCredentials) -> None:
    said = subscriber("127.0.0.1", str(credentials.port), "reader", "wrong")
    assert said.returncode == 1
    assert said.stderr.startswith(f"the broker at 127.0.0.1:{credentials.port} refuses user reader: ")
    assert "wrong" not in said.stderr


def test_the_subscriber_says_that_no_broker_is_there_and_how_it_is_called() -> None:
    port = str(free_port())
    said = subscriber("127.0.0.1", port, "reader", "x")
    assert (said.returncode, said.stderr) == (
        1,
        f"the broker at 127.0.0.1:{port} cannot be reached: Connection refused\n",
    )
    assert subscriber("127.0.0.1").stderr == "usage: python subscriber.py HOST PORT USER PASSWORD\n"


def node_red(name: str, *messages: dict[str, Any]) -> list[Any]:
    """What a function node makes of messages, one after the other, as Node-RED runs it."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    code = next(each["func"] for each in NODES if each.get("name") == name)
    script = (
        "const kept = {}; const context = {get: k => kept[k], set: (k, v) => { kept[k] = v; }};"
        f"const run = new Function('msg', 'context', {json.dumps(code)});"
        f"console.log(JSON.stringify({json.dumps(messages)}.map(msg => run(msg, context) ?? null)));"
    )
    said = subprocess.run(
        [node, "-e", script], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    return list(json.loads(said.stdout))


def test_the_flow_tells_a_critical_flag_once_and_forgets_what_is_gone() -> None:
    flag = {**FLAGS["attention"][0], "severity": "critical", "message": "Paper jam"}
    topic = "college/printers/library-1/attention"
    jammed = {"topic": topic, "payload": {**FLAGS, "attention": [flag]}}
    told = node_red("what is critical and new", jammed, jammed, {"topic": topic, "payload": ""}, jammed)
    assert [message and message["payload"] for message in told] == [
        "library-1: Paper jam", None, None, "library-1: Paper jam",
    ]  # fmt: skip


def test_the_flow_asks_with_a_request_that_is_understood() -> None:
    (message,) = node_red("RefreshRequest", {})
    assert RefreshRequest.model_validate(message["payload"]).id.startswith("node-red-")


def test_the_user_reader_may_ask_as_the_flow_does(credentials: BrokerCredentials) -> None:
    (message,) = node_red("RefreshRequest", {})
    with RawClient(credentials, "collector") as collector, RawClient(credentials, "reader") as reader:
        collector.subscribe("printers/+/refresh")
        reader.publish(message["topic"], json.dumps(message["payload"]))
        collector.wait_for(lambda: collector.received)
    assert collector.received == [("printers/library-1/refresh", json.dumps(message["payload"]).encode())]


def test_the_flow_can_be_imported() -> None:
    ids = {node["id"] for node in NODES}
    assert len(ids) == len(NODES)
    for node in NODES:
        assert {target for wire in node.get("wires", []) for target in wire} <= ids
        assert node.get("broker", "printers-broker") in {"printers-broker", "127.0.0.1"}


def as_written(start: str, credentials: BrokerCredentials, more: str = "") -> str:
    """What a line of the document says at a broker, as the user and with the rights that it has there."""
    line = command_of("docs/topics.md", start).replace("-p 1883", f"-p {credentials.port}")
    if shutil.which(line.split()[0]) is None:
        pytest.skip(f"{line.split()[0]} is not installed")
    return subprocess.run(
        ["sh", "-c", f"{line} {more}"],
        env={**os.environ, "PASSWORD": credentials.passwords["reader"]},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    ).stdout


@pytest.mark.skipif(os.name != "posix", reason="lines for a POSIX shell")
def test_the_shell_line_that_listens_is_a_real_one(credentials: BrokerCredentials) -> None:
    with RawClient(credentials, "processor") as processor:
        processor.publish("printers/library-1/attention", json.dumps(FLAGS), retain=True)
    said = as_written("mosquitto_sub", credentials, "-C 1 -W 60")
    assert said.startswith("printers/library-1/attention {")


@pytest.mark.skipif(os.name != "posix", reason="lines for a POSIX shell")
def test_the_shell_line_that_asks_for_a_printer_is_a_real_one(credentials: BrokerCredentials) -> None:
    with RawClient(credentials, "collector") as collector:
        collector.subscribe("printers/+/refresh")
        as_written("mosquitto_pub", credentials)
        collector.wait_for(lambda: collector.received)
    ((topic, payload),) = collector.received
    assert (topic, RefreshRequest.model_validate_json(payload).id) == ("printers/library-1/refresh", "my-1")
