"""The loop of a report in a real browser: photographed on a phone, answered, resolved, and opened again."""

import io
import re
from collections.abc import Iterator
from typing import Final

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, Route, expect
from sqlalchemy import func, select

from core.storage.core_tables import ATTEMPTS, ISSUES, PHOTOS
from core.storage.database import reading, writing
from tests.browser.seeing import PageAs, faults, settled
from tests.dashboard.pictures import SECRET, heic, phone_photo, picture
from tests.dashboard.served import Server

SETTINGS: Final = {"PORTAL_PUBLIC": "true"}
PHONE: Final = {"width": 390, "height": 844}
PHOTO: Final[FilePayload] = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": phone_photo()}
NO_PHOTO: Final[FilePayload] = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"}


@pytest.fixture(autouse=True)
def nobody_has_reported_yet(server: Server) -> None:
    with writing(server.engine) as connection:
        connection.execute(ATTEMPTS.delete())


@pytest.fixture
def phone(page_as: PageAs) -> Iterator[Page]:
    """A phone of somebody without an account; nothing that its pages load may be refused by the policy."""
    page = page_as("anonymous", viewport=PHONE, has_touch=True, is_mobile=True)
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    yield page
    assert refused == []


def opened(page: Page, path: str) -> Page:
    page.goto(path)
    settled(page)
    return page


def fill_in(page: Page) -> None:
    page.get_by_role("radio", name="Paper jam").click()
    page.get_by_label("What happens?").fill("Stuck in tray 2")
    page.get_by_label("Your name").fill("Sam Doe")
    page.get_by_label("Your mail address").fill("sam@college.example")


def choose(page: Page, *files: FilePayload) -> None:
    page.get_by_label("Add photos").set_input_files(list(files))


def chosen(page: Page) -> None:
    """Wait until every photo has come."""
    expect(page.locator(".photos .chosen progress")).to_have_count(0)


def waiting(server: Server) -> int:
    with reading(server.engine) as connection:
        query = select(func.count()).select_from(PHOTOS).where(PHOTOS.c.event_id.is_(None))
        return connection.execute(query).scalar_one()


def overflow(page: Page) -> int:
    """How far the page can be scrolled sideways."""
    main = "document.querySelector('[data-testid=stMain]')"
    return int(page.evaluate(f"{main}.scrollWidth - {main}.clientWidth"))


def test_a_report_with_a_photo_goes_to_and_fro_until_it_is_solved(
    phone: Page, page_as: PageAs, server: Server
) -> None:
    opened(phone, "/report?printer=low")
    fill_in(phone)
    phone.get_by_label("Take a photo").set_input_files(PHOTO)
    choose(phone, NO_PHOTO)
    expect(phone.get_by_text("This file is no photo")).to_be_visible()
    chosen(phone)
    expect(phone.get_by_role("img", name="Photo 1")).to_be_visible()
    assert overflow(phone) <= 0
    assert faults(phone) == []
    phone.get_by_role("button", name="Send report").click()
    expect(phone.get_by_text(re.compile(r"This is report number \d+"))).to_be_visible()
    phone.get_by_role("link", name=re.compile(r"report no\. \d+")).click()
    expect(phone.get_by_text("Stuck in tray 2")).to_be_visible()
    number = re.sub(r"\D", "", phone.get_by_role("heading", level=1).inner_text())
    followed = phone.url

    technician = opened(page_as("technician"), f"/issue?id={number}")
    thumbnail = technician.get_by_role("img", name="Photo 1 of 1")
    expect(thumbnail).to_be_visible()
    assert thumbnail.evaluate("image => image.naturalWidth") == 240
    whole = technician.request.get(technician.locator(".shown-photos a").get_attribute("href") or "")
    assert Image.open(io.BytesIO(whole.body())).size == (900, 1200)
    assert SECRET not in whole.body()
    technician.get_by_label("Internal note, for").fill("The rollers are worn, again")
    technician.get_by_role("button", name="Save note", exact=True).click()
    expect(technician.get_by_text("The rollers are worn, again").first).to_be_visible()
    settled(technician)
    technician.get_by_role("radio", name="Reply to the reporter").click()
    technician.get_by_label("Reply, which the reporter").fill("New rollers are in, please try")
    choose(technician, PHOTO)
    chosen(technician)
    technician.get_by_role("button", name="Send reply and resolve").click()
    expect(technician.get_by_text("the reporter can read this")).to_be_visible()
    expect(technician.get_by_role("radio", name="Internal note")).to_be_checked()

    opened(phone, followed)
    expect(phone.locator(".resolution")).to_have_text("New rollers are in, please try")
    expect(phone.get_by_text("rollers are worn")).to_have_count(0)
    images = phone.locator(".shown-photos img")
    expect(images).to_have_count(2)
    for image in images.all():
        expect(image).to_be_visible()
        assert image.evaluate("image => image.naturalWidth") == 240
    assert overflow(phone) <= 0
    assert faults(phone) == []
    phone.get_by_label("What is still wrong?").fill("It jams as before")
    phone.get_by_role("button", name="It is not solved").click()
    expect(phone.get_by_text("Thank you.")).to_be_visible()
    expect(phone.get_by_text("It was opened again.")).to_be_visible()
    expect(phone.get_by_role("heading", name="Something to add?")).to_be_visible()

    opened(technician, f"/issue?id={number}")
    expect(technician.get_by_text("It jams as before")).to_be_visible()
    expect(technician.locator(".badges")).to_contain_text("Open")


def test_who_only_has_the_same_problem_sees_the_answers_but_not_the_reporters_words(
    phone: Page, page_as: PageAs
) -> None:
    opened(phone, "/report?printer=fine")
    fill_in(phone)
    phone.get_by_label("What happens?").fill("My exam is in it")
    choose(phone, PHOTO)
    chosen(phone)
    phone.get_by_role("button", name="Send report").click()
    expect(phone.get_by_text(re.compile(r"This is report number \d+"))).to_be_visible()

    other = opened(page_as("anonymous"), "/report?printer=fine")
    other.get_by_role("button", name="Me too").click()
    other.get_by_role("link", name=re.compile(r"report no\. \d+")).click()
    expect(other.get_by_text("It was reported.")).to_be_visible()
    expect(other.get_by_text("My exam")).to_have_count(0)
    expect(other.locator(".shown-photos")).to_have_count(0)


def test_photos_can_be_removed_and_are_five_at_most(phone: Page, server: Server) -> None:
    opened(phone, "/report?printer=old")
    choose(phone, *[PHOTO] * 3)
    choose(phone, *[PHOTO] * 3)
    expect(phone.get_by_text("At most 5 photos")).to_be_visible()
    chosen(phone)
    before = waiting(server)
    phone.get_by_role("button", name="Remove photo 5").click()
    expect(phone.locator(".photos .chosen > li")).to_have_count(4)
    assert waiting(server) == before - 1


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ({"name": "a.heic", "mimeType": "image/heic", "buffer": heic()}, "Most compatible"),
        ({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"MZ no photo"}, "no photo that can be read"),
        ({"name": "a.png", "mimeType": "image/png", "buffer": picture("PNG")[:50]}, "not a whole one"),
        ({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": bytes(10_500_000)}, "at most 10 MB"),
    ],
)
def test_a_file_that_is_no_photo_is_one_sentence_and_the_report_is_kept(
    phone: Page, file: FilePayload, sentence: str
) -> None:
    opened(phone, "/report?printer=low")
    fill_in(phone)
    choose(phone, file)
    expect(phone.get_by_role("status").filter(has_text=sentence)).to_be_visible()
    expect(phone.locator(".photos .chosen > li")).to_have_count(0)
    phone.get_by_role("button", name="Send report").click()
    expect(phone.get_by_text(re.compile(r"This is report number \d+"))).to_be_visible()


def test_a_report_that_is_sent_too_early_waits_for_its_photo(phone: Page, page_as: PageAs) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    phone.route("**/photos", hold)
    opened(phone, "/report?printer=low")
    fill_in(phone)
    choose(phone, PHOTO)
    expect(phone.locator(".photos .chosen progress")).to_have_count(1)
    phone.get_by_role("button", name="Send report").click()
    expect(phone.get_by_text("The photos are still being sent.")).to_be_visible()
    held[0].continue_()
    expect(phone.get_by_text(re.compile(r"This is report number \d+"))).to_be_visible()
    phone.get_by_role("link", name=re.compile(r"report no\. \d+")).click()
    expect(phone.locator(".shown-photos img")).to_have_count(1)


def test_a_form_that_is_drawn_anew_shows_the_photos_that_have_come(phone: Page) -> None:
    opened(phone, "/report?printer=low")
    choose(phone, PHOTO)
    chosen(phone)
    phone.evaluate(
        "const panel = document.querySelector('.photos'); panel.replaceWith(panel.cloneNode(true));"
    )
    expect(phone.get_by_role("button", name="Remove photo 1")).to_be_visible()


def tap(button: Locator) -> None:
    """Tap as a finger does, whether the button takes it or not."""
    button.evaluate("button => button.click()")


def reports(server: Server) -> int:
    with reading(server.engine) as connection:
        return connection.execute(select(func.count()).select_from(ISSUES)).scalar_one()


def test_a_report_is_sent_once_however_often_its_button_is_tapped(phone: Page, server: Server) -> None:
    opened(phone, "/report?printer=low")
    fill_in(phone)
    before = reports(server)
    send = phone.get_by_role("button", name="Send report")
    with writing(server.engine):  # the answer waits for it
        tap(send)
        expect(phone.locator("html[data-working]")).to_have_count(1)
        expect(send).to_be_disabled()
        tap(send)
        tap(send)
    expect(phone.get_by_text(re.compile(r"This is report number \d+"))).to_be_visible()
    settled(phone)
    assert reports(server) == before + 1


def test_a_button_takes_the_next_tap_once_the_first_is_answered(phone: Page, server: Server) -> None:
    opened(phone, "/report?printer=low")
    fill_in(phone)
    phone.get_by_label("Your mail address").fill("sam@nowhere")
    send = phone.get_by_role("button", name="Send report")
    tap(send)
    expect(phone.get_by_text("Enter a mail address that reaches you")).to_be_visible()
    expect(send).to_be_enabled()
    phone.get_by_label("Your mail address").fill("sam@college.example")
    tap(send)
    expect(phone.get_by_text(re.compile(r"This is report number \d+"))).to_be_visible()
