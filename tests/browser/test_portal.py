"""The portal in a real browser: found, filtered, refreshed, reported, by mouse, keyboard and phone."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import Browser, Dialog, Page, WebSocketRoute, expect
from sqlalchemy import Engine, select, update

from core.contract.messages import PrinterState, RefreshRequest
from core.storage.core_tables import ATTEMPTS, DOCUMENTS, EVENTS, ISSUES, SNAPSHOTS
from core.storage.database import reading, writing
from dashboard.web.sign_in.sessions import COOKIE
from tests.brokers import mosquitto
from tests.browser.seeing import PATIENCE_MILLISECONDS, PageAs, faults, settled, visit
from tests.dashboard.portal import FORMULA, SCRIPT, add_hostile
from tests.dashboard.served import Server, seed_college, serving

SETTINGS: Final = {"PORTAL_PUBLIC": "true"}
PHONE: Final = {"width": 390, "height": 844}


def seed(engine: Engine) -> None:
    """The college, and a printer that wishes it ill."""
    seed_college(engine)
    add_hostile(engine)
    stay_fresh(engine)


def stay_fresh(engine: Engine) -> None:
    """Nothing but `old` grows stale while the tests take their time."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with writing(engine) as connection:
        connection.execute(update(SNAPSHOTS).where(SNAPSHOTS.c.printer_id != "old").values(stale_at=tomorrow))


@pytest.fixture(autouse=True)
def nobody_has_reported_yet(server: Server) -> None:
    with writing(server.engine) as connection:
        connection.execute(ATTEMPTS.delete())


def opened(page: Page, path: str) -> Page:
    visit(page, path)
    return page


def listed(page: Page) -> Any:
    return page.locator("table.fleet tbody tr")


def overflow(page: Page) -> int:
    """How far the page can be scrolled sideways."""
    main = "document.querySelector('[data-testid=stMain]')"
    return int(page.evaluate(f"{main}.scrollWidth - {main}.clientWidth"))


def test_chips_and_words_filter_and_the_address_keeps_them(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/fleet")
    expect(listed(page)).to_have_count(6)
    page.get_by_role("button", name=re.compile("Critical")).click()
    expect(listed(page)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"health=critical"))
    page.get_by_label("Find printers").fill("jammed")
    expect(listed(page)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"find=jammed"))
    page.reload()
    settled(page)
    expect(listed(page)).to_have_count(1)
    expect(page.get_by_label("Find printers")).to_have_value("jammed")
    page.get_by_role("link", name="Jammed", exact=True).click()
    expect(page.get_by_role("heading", name="Jammed", exact=True)).to_be_visible()
    page.go_back()
    settled(page)
    expect(listed(page)).to_have_count(1)


class Late:
    """What the server sends to a page, held back when asked to be: a slow network."""

    def __init__(self, page: Page) -> None:
        self.held = False
        self._waiting: list[str | bytes] = []
        self._browser: WebSocketRoute | None = None
        page.route_web_socket(re.compile("/_stcore/stream"), self._connect)

    def _connect(self, browser: WebSocketRoute) -> None:
        self._browser = browser
        browser.connect_to_server().on_message(self._from_server)

    def _from_server(self, message: str | bytes) -> None:
        self._waiting.append(message)
        if not self.held:
            self.release()

    def release(self) -> None:
        """Hand on all that was held back, and whatever comes."""
        assert self._browser is not None
        self.held = False
        for message in self._waiting:
            self._browser.send(message)
        self._waiting.clear()

    def wait_for(self, page: Page) -> None:
        """Wait until something is held back, and nothing more has come for a while."""
        count = 0
        while count == 0 or count != len(self._waiting):
            count = len(self._waiting)
            page.wait_for_timeout(500)


def test_a_chip_clicked_while_its_count_changes_is_chosen(page_as: PageAs) -> None:
    page = page_as("technician")
    late = Late(page)
    opened(page, "/fleet?live=false")
    late.held = True
    page.get_by_label("Find printers").fill("jammed")
    late.wait_for(page)
    page.get_by_role("button", name=re.compile("Critical 2")).click()
    late.release()
    expect(page).to_have_url(re.compile(r"health=critical"))
    expect(page.get_by_role("button", name=re.compile("Critical 1"))).to_be_visible()
    expect(listed(page)).to_have_count(1)


def test_a_technician_takes_a_printer_out_of_service_and_the_list_tells_why(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=PHONE), "/printer?id=fine")
    page.get_by_role("button", name="Take out of service").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Take out of service").click()
    expect(dialog.get_by_text("Say why it is out of service")).to_be_visible()
    dialog.get_by_role("textbox", name="Reason").fill("Waiting for a new fuser")
    dialog.get_by_role("button", name="Take out of service").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Out of service until further notice: Waiting for a new fuser")).to_be_visible()
    assert overflow(page) == 0
    elsewhere = opened(page_as("anonymous"), "/fleet?health=out")
    expect(listed(elsewhere)).to_have_count(1)
    expect(listed(elsewhere)).to_contain_text("Waiting for a new fuser")
    page.get_by_role("button", name="Put back in service").click()
    expect(page.get_by_text("Fine [1] is back in service")).to_be_visible()
    expect(page.get_by_text("Waiting for a new fuser")).to_have_count(0)


def test_the_list_changes_by_itself_and_keeps_what_is_being_typed(page_as: PageAs, server: Server) -> None:
    page = opened(page_as("technician"), "/fleet?state=printing")
    expect(page.get_by_text("No printer matches these filters.")).to_be_visible()
    with writing(server.engine) as connection:
        fine = update(SNAPSHOTS).where(SNAPSHOTS.c.printer_id == "fine")
        connection.execute(fine.values(state="printing", received_at=datetime.now(UTC)))
    expect(listed(page)).to_have_count(1, timeout=PATIENCE_MILLISECONDS)
    expect(page).to_have_url(re.compile("state=printing"))
    with writing(server.engine) as connection:
        connection.execute(fine.values(state="asleep", received_at=datetime.now(UTC)))


@contextmanager
def answering(engine: Engine, port: int) -> Iterator[None]:
    """Stands in for collector and processor: stores a new reading for each request."""

    def on_message(_client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        request = RefreshRequest.model_validate_json(message.payload)
        printer_id = message.topic.split("/")[1]
        now = datetime.now(UTC)
        state = PrinterState(
            printer_id=printer_id, taken_at=now, reachable=True, state="printing", refresh_id=request.id
        )
        values = {
            "state": "printing",
            "severity": None,
            "taken_at": now,
            "received_at": now,
        }
        with writing(engine) as connection:
            connection.execute(update(SNAPSHOTS).where(SNAPSHOTS.c.printer_id == printer_id).values(**values))
            document = update(DOCUMENTS).where(DOCUMENTS.c.printer_id == printer_id)
            connection.execute(document.values(payload=state.model_dump(mode="json")))

    subscribed = threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", port)
    client.subscribe("printers/+/refresh", qos=1)
    client.loop_start()
    try:
        assert subscribed.wait(30)
        yield
    finally:
        client.disconnect()
        client.loop_stop()


def test_refresh_now_shows_the_new_reading(browser: Browser, tmp_path: Path) -> None:
    with mosquitto() as broker:
        settings = {"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(broker.port)}
        with serving(tmp_path / "own", seed, settings) as own, answering(own.engine, broker.port):
            context = browser.new_context(base_url=own.url)
            context.add_cookies([{"name": COOKIE, "value": own.token("technician"), "url": own.url}])
            page = opened(context.new_page(), "/printer?id=low")
            expect(page.get_by_text("Black toner is low (9 %).").first).to_be_visible()
            page.get_by_role("button", name="Refresh now").click()
            patience = PATIENCE_MILLISECONDS
            expect(page.get_by_text(re.compile("New reading"))).to_be_visible(timeout=patience)
            expect(page.get_by_text("Nothing is wrong: it is printing.")).to_be_visible(timeout=patience)
            context.close()


def test_without_a_broker_refresh_is_a_sentence(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/printer?id=fine")
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_text("the message broker is not connected")).to_be_visible()


def test_the_code_on_a_label_leads_to_a_report_that_can_be_followed(page_as: PageAs, server: Server) -> None:
    label = page_as("technician")
    label.goto("/label/low")
    expect(label.get_by_role("heading", name="Low")).to_be_visible()
    address = label.locator(".id").inner_text()
    assert address == f"{server.url}/report?printer=low"
    assert faults(label) == []

    page = opened(page_as("anonymous", viewport=PHONE), address)
    page.get_by_role("radio", name="Paper jam").click()
    page.get_by_label("What happens?").fill("Stuck in tray 2")
    page.get_by_label("Your name").fill("Sam Doe")
    page.get_by_label("Your mail address").fill("sam@nowhere")
    page.get_by_role("button", name="Send report").click()
    refused = page.get_by_text("Enter a mail address that reaches you")
    expect(refused).to_be_in_viewport()
    tops = [(each.bounding_box() or {"y": 0})["y"] for each in (page.get_by_label("Your mail"), refused)]
    send = page.get_by_role("button", name="Send report").bounding_box()
    assert send is not None and tops[0] < tops[1] < send["y"], "it is said below its field"
    expect(page.get_by_label("What happens?")).to_have_value("Stuck in tray 2")
    page.get_by_label("Your mail address").fill("sam@college.example")
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_text(re.compile(r"This is report number \d+"))).to_be_visible()
    page.get_by_role("link", name=re.compile(r"report no\. \d+")).click()
    expect(page.get_by_role("heading", name=re.compile(r"Report no\. \d+"))).to_be_visible()
    expect(page.get_by_text("It was reported.")).to_be_visible()
    with reading(server.engine) as connection:
        issue = connection.execute(select(ISSUES).where(ISSUES.c.printer_id == "low")).mappings().one()
    assert (issue["title"], issue["contact"]) == ("Paper jam", "sam@college.example")


def test_me_too_joins_a_known_issue(page_as: PageAs, server: Server) -> None:
    page = opened(page_as("anonymous"), "/report?printer=jammed")
    expect(page.get_by_role("heading", name="Known issues")).to_be_visible()
    page.get_by_role("button", name="Me too").click()
    expect(page.get_by_text("This is report number 1.")).to_be_visible()
    with reading(server.engine) as connection:
        changes = connection.execute(select(EVENTS.c.change).where(EVENTS.c.issue_id == 1)).scalars()
        assert "me_too" in list(changes)


@pytest.mark.parametrize("role", ["anonymous", "technician"])
def test_a_printer_that_says_script_does_nothing(page_as: PageAs, role: str) -> None:
    page = page_as(role)
    said: list[str] = []

    def on_dialog(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", on_dialog)
    opened(page, "/fleet")
    expect(listed(page).filter(has_text=SCRIPT).first).to_be_visible()
    assert page.get_by_text(FORMULA).count() >= 1
    opened(page, "/printer?id=hostile")
    expect(page.get_by_role("heading", level=1)).to_contain_text(SCRIPT)
    heading = page.get_by_role("heading", level=1)
    assert heading.locator("a[href*=evil], img, .katex, strong").count() == 0
    # What it calls its place is a parameter of a link of ours, and stays one.
    hosts = page.locator("[data-testid=stMain] a").evaluate_all("links => links.map(link => link.hostname)")
    assert "evil.example" not in hosts
    opened(page, "/report?printer=hostile")
    expect(page.get_by_text(SCRIPT).first).to_be_visible()
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(page_as: PageAs, scheme: str) -> None:
    page = page_as("technician", color_scheme=scheme)
    for path in ("/fleet", "/printer?id=jammed", "/printer?id=low", "/report?printer=jammed"):
        visit(page, path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert faults(page) == [], path


def test_a_phone_shows_all_of_it_without_scrolling_sideways(page_as: PageAs) -> None:
    page = page_as("anonymous", viewport=PHONE)
    for path in ("/fleet", "/printer?id=jammed", "/printer?id=hostile", "/report?printer=low"):
        visit(page, path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert overflow(page) <= 0, path


def test_the_list_can_be_held_still_and_walked_through_by_keyboard(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/fleet?live=false")
    expect(page.get_by_role("switch", name="Live")).not_to_be_checked()
    page.get_by_role("link", name="Jammed", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Jammed", exact=True)).to_be_visible()
    page.get_by_text("Why is this flagged?").first.click()
    expect(page.get_by_text(re.compile("Rule jam, seen in")).first).to_be_visible()


def test_labels_are_for_those_who_stick_them_on(page_as: PageAs) -> None:
    stranger = page_as("anonymous")
    stranger.goto("/label/low")
    expect(stranger).to_have_url(re.compile("/login"))
    page = page_as("technician")
    page.goto("/labels?location=Room 12")
    expect(page.locator(".label")).to_have_count(1)
    page.goto("/labels")
    expect(page.locator(".label")).to_have_count(6)
    assert page.goto("/label/nowhere").status == 404  # type: ignore[union-attr]
