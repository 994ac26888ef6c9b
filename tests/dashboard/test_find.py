"""Printers found from the dashboard: a sweep is asked for, told of, and taken over."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from core.contract.discovery_messages import Discovered, DiscoverRequest, FoundPrinter
from core.contract.errors import UserError
from core.contract.topics import DISCOVER, DISCOVERED
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import MqttSettings
from core.storage.core_tables import AUDIT
from core.storage.database import reading
from core.storage.inventory import read_printers
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.broker.finder import MqttFinder, SweepSeen
from dashboard.features.inventory import actions as inventory_actions
from dashboard.features.inventory.sweeps import SweepForm, begin_sweep, end_sweep
from dashboard.viewer import Forbidden
from tests.brokers import mosquitto
from tests.dashboard.drawing import tables_of
from tests.dashboard.harness import ADMIN, MANAGER, PaperFinder, drawn, open_college
from tests.patience import PATIENCE_SECONDS, until

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
FOUND = (
    FoundPrinter(host="10.3.0.1", model="LaserJet", serial_number="SN-1", system_name="<b>Hall</b>"),
    FoundPrinter(host="10.3.0.2", model="WorkForce", serial_number="SN-2", system_location="Room 2"),
)


@pytest.fixture
def college(tmp_path: Path) -> AppContext:
    return open_college(tmp_path)


def finder(college: AppContext) -> PaperFinder:
    return cast(PaperFinder, college.finder)


def told(status: str = "done", *printers: FoundPrinter, error: str | None = None) -> SweepSeen:
    request = DiscoverRequest(id="sweep-1", requested_at=datetime.now(UTC), networks=("10.3.0.0/24",))
    latest = Discovered.model_validate(
        {
            "request_id": "sweep-1",
            "site": "main",
            "at": NOW,
            "status": status,
            "addresses": 254,
            "asked": 127 if status == "running" else 254,
            "answering": 3,
            "error": error,
        }
    )
    return SweepSeen(request, "main", latest, printers)


def page_of(college: AppContext, seen: SweepSeen | None) -> AppTest:
    """The page after somebody has asked for a sweep of which so much is known."""
    finder(college).known = seen
    page = drawn("inventory", ADMIN, college, view="find")
    page.text_area("find-networks").set_value("10.3.0.0/24, 10.4.0.9")
    return _button(page, "Start discovery").click().run()


def _button(page: AppTest, label: str) -> Button:
    return next(button for button in page.button if button.label.startswith(label))


def texts(page: AppTest) -> str:
    parts = [page.caption, page.success, page.warning, page.error, page.info]
    return "\n".join(str(element.value) for part in parts for element in part)


def addresses(college: AppContext) -> set[str]:
    with reading(college.engine) as connection:
        return {row.host for row in read_printers(connection)}


def test_a_sweep_is_asked_for_once_and_leaves_its_line(college: AppContext) -> None:
    page_of(college, None)
    assert finder(college).asked == [("main", ("10.3.0.0/24", "10.4.0.9"), (161,), "default", False)]
    with reading(college.engine) as connection:
        entry = connection.execute(select(AUDIT).where(AUDIT.c.action == "sweep.begun")).mappings().one()
    assert (entry["actor"], entry["subject"], entry["details"]["addresses"]) == ("ada", "main", 255)


def test_what_is_found_is_shown_and_taken_over(college: AppContext) -> None:
    page = page_of(college, told("done", *FOUND))
    frame = tables_of(page)[0]
    assert list(frame["What it is"]) == ["New", "New"]
    assert list(frame["Reported name"]) == ["<b>Hall</b>", ""]
    _button(page, "Add what is new").click().run()
    assert "2 printers are added" in texts(page)
    assert {"10.3.0.1", "10.3.0.2"} <= addresses(college)
    assert "All of them are in the inventory" in texts(page)


def test_a_printer_that_moved_is_known_by_its_serial_number(college: AppContext) -> None:
    inventory_actions.take_over(Actor(college.engine, ADMIN, NOW), FOUND, site="main", profile="default")
    moved = [FOUND[0].model_copy(update={"host": "10.3.0.77"})]
    done = inventory_actions.take_over(
        Actor(college.engine, ADMIN, NOW), moved, site="main", profile="default"
    )
    assert done.said == "0 printers are added, 1 updated"
    assert "10.3.0.77" in addresses(college) and "10.3.0.1" not in addresses(college)


def test_a_sweep_under_way_can_be_stopped(college: AppContext) -> None:
    page = page_of(college, told("running", FOUND[0]))
    assert not page.exception
    _button(page, "Stop").click().run()
    assert finder(college).stopped == ["sweep-1"]


def test_a_refusal_of_the_collector_is_told(college: AppContext) -> None:
    page = page_of(college, told("refused", error="another sweep is under way here"))
    assert "another sweep is under way here" in texts(page)


def test_nonsense_and_a_broker_that_is_away_are_one_sentence_and_what_was_typed_stays(
    college: AppContext,
) -> None:
    page = drawn("inventory", ADMIN, college, view="find")
    page.text_area("find-networks").set_value("10.0.0.0/8")
    _button(page, "Start discovery").click().run()
    assert "16,777,2" in texts(page).replace("\\", "")
    assert page.text_area("find-networks").value == "10.0.0.0/8"
    finder(college).answers = None
    with pytest.raises(UserError, match="broker cannot be reached"):
        begin_sweep(Actor(college.engine, ADMIN, NOW), college.finder, SweepForm("10.3.0.1"))


def test_only_admins_sweep(college: AppContext) -> None:
    manager = Actor(college.engine, MANAGER, NOW)
    with pytest.raises(Forbidden):
        begin_sweep(manager, college.finder, SweepForm("10.3.0.1"))
    with pytest.raises(Forbidden):
        end_sweep(manager, college.finder, "sweep-1")
    with pytest.raises(Forbidden):
        inventory_actions.take_over(manager, FOUND, site="main", profile="default")


def test_over_a_real_broker_a_sweep_is_heard_and_its_words_are_gathered() -> None:
    with mosquitto() as broker:
        settings = MqttSettings(mqtt_host="127.0.0.1", mqtt_port=broker.port)
        ours, theirs = (
            MqttLink(settings, "dashboard", "test"),
            MqttLink(settings, "collector", "test", "main"),
        )
        requests: list[DiscoverRequest] = []
        theirs.subscribe(
            DISCOVER.filter(theirs.prefix),
            lambda _topic, payload: requests.append(DiscoverRequest.model_validate_json(payload)),
        )
        asking = MqttFinder(ours)
        for link in (ours, theirs):
            link.start()
            assert link.connected.wait(PATIENCE_SECONDS)

        def is_asked() -> bool:
            """Ask again: the subscription may still have been on its way."""
            assert asking.ask("main", ["10.3.0.0/24"], [161], "default", confirmed=False) is not None
            return bool(requests)

        until(is_asked)
        sweep_id = requests[0].id
        topic = DISCOVERED.name(theirs.prefix, site="main")
        for status, one in (("running", FOUND[0]), ("done", FOUND[1])):
            word = {"request_id": sweep_id, "site": "main", "at": NOW, "status": status, "printers": [one]}
            theirs.publish(topic, Discovered.model_validate(word).model_dump_json())
        theirs.publish(topic, json.dumps({"nonsense": True}))
        until(lambda: not _seen(asking, sweep_id).under_way)
        assert [one.host for one in _seen(asking, sweep_id).printers] == ["10.3.0.1", "10.3.0.2"]
        assert requests[0].requested_at <= datetime.now(UTC) + timedelta(seconds=1)
        for link in (ours, theirs):
            link.stop()


def _seen(asking: MqttFinder, sweep_id: str) -> SweepSeen:
    seen = asking.seen(sweep_id)
    assert seen is not None
    return seen
