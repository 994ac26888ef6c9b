"""Strings of printers and people in mails: shown as they are, and harmless."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.links import Links, as_ascii_host, as_uri
from core.domain.logos import LOGO_CID, read_logo
from core.mails.clean_text import for_chat, one_line
from core.mails.recipients import Recipient
from core.runtime.mail_settings import MailSettings
from notifier.channels.channel import MessageRefused, Outgoing
from notifier.channels.mail_file import FileChannel
from notifier.channels.mail_smtp import SmtpChannel
from notifier.outbox.mime import as_email
from tests.notifier.smtp_servers import Mailbox, mail_server
from tests.pictures import png

SENDER = "Printers <printers@example.org>"


def outgoing(**values: Any) -> Outgoing:
    base: dict[str, Any] = {
        "mail_id": 1,
        "kind": "notice",
        "recipient": "desk@example.org",
        "subject": "Critical",
        "body_text": "Words.\n",
        "body_html": "<p>Words.</p>",
        "message_id": "<1@example.org>",
        "headers": {},
        "created_at": datetime(2026, 3, 10, 12, tzinfo=UTC),
    }
    return Outgoing(**(base | values))


def test_the_logo_is_part_of_the_mail_that_shows_it() -> None:
    logo = read_logo(png())
    html = f'<img src="cid:{LOGO_CID}"><p>Words.</p>'
    mail = outgoing(body_html=html, logo=logo, attachment_name="order.csv", attachment=b"a,b")
    message = read(as_email(mail, SENDER).as_bytes())
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/csv",
    ]
    picture = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"] == f"<{LOGO_CID}>"
    assert picture.get_payload(decode=True) == logo.octets


def read(octets: bytes) -> EmailMessage:
    message = message_from_bytes(octets, policy=default)
    assert isinstance(message, EmailMessage)
    return message


@given(st.text())
def test_no_subject_makes_another_header(subject: str) -> None:
    message = read(as_email(outgoing(subject=subject), SENDER).as_bytes())
    wanted = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"}
    assert {*message.keys()} == wanted | {"MIME-Version", "Content-Type"}
    assert message["To"] == "desk@example.org"


def test_a_subject_with_a_newline_is_one_line() -> None:
    message = as_email(outgoing(subject="Jam\r\nBcc: all@example.org"), SENDER)
    assert message["Subject"] == "Jam Bcc: all@example.org"
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "recipient", ["a@example.org\nBcc: b@example.org", "a@example.org, b@example.org", "a"]
)
def test_what_is_no_address_is_refused_by_name(recipient: str) -> None:
    with pytest.raises(MessageRefused, match=r"a|@"):
        as_email(outgoing(recipient=recipient), SENDER)


def test_a_header_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(MessageRefused):
        as_email(outgoing(headers={"List-Unsubscribe": "<mailto:a>\nX: y"}), SENDER)


def test_text_comes_before_html_and_a_table_is_attached() -> None:
    attached = outgoing(attachment_name="order.csv", attachment=b"part\r\n")
    message = read(as_email(attached, "Drucker Büro <printers@example.org>").as_bytes())
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/csv",
    ]
    assert message["From"].addresses[0].display_name == "Drucker Büro"
    attachment = next(iter(message.iter_attachments()))
    assert attachment.get_filename() == "order.csv"


HOSTS = ("printers.example.org", "printers." + "a-long-label." * 12 + "example.org", "drücker.example.org")


def unfolded(octets: bytes, name: str) -> bytes:
    """The bytes of a header as they are sent, folding undone."""
    head = octets.split(b"\r\n\r\n")[0].replace(b"\r\n ", b" ")
    (line,) = [line for line in head.split(b"\r\n") if line.lower().startswith(name.lower().encode() + b":")]
    return line.partition(b":")[2].strip()


@pytest.mark.parametrize("host", HOSTS)
def test_a_long_token_leaves_as_it_is_and_never_as_encoded_words(host: str) -> None:
    """What programs look for in a header is looked at on the wire: a parsed message hides the encoding."""
    links = Links(f"https://{host}/fleet", b"k" * 32)
    sender = f"Drucker Büro <printers@{as_ascii_host(host)}>"
    headers = Recipient("maya@example.org", "maya.okafor").headers(links, sender)
    thread = f"<issue-17.{'0123456789abcdef' * 6}@{as_ascii_host(host)}>"
    mail = outgoing(
        recipient=f"{'r' * 60}@{as_ascii_host(host)}",
        subject="Kürzel",
        message_id=thread,
        headers={**headers, "In-Reply-To": thread, "References": f"{thread} {thread}"},
        attachment_name=f"{'order-' * 30}.csv",
        attachment=b"part\r\n",
    )
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        settings = MailSettings(email_host="127.0.0.1", email_port=port, default_from_email=sender)
        SmtpChannel(settings).send(mail)
    ((_, octets),) = mailbox.received
    link = as_uri(links.unsubscribe("maya.okafor")).encode()
    assert b"=?" not in link
    assert unfolded(octets, "List-Unsubscribe").startswith(b"<" + link + b">, <mailto:printers@")
    assert unfolded(octets, "List-Unsubscribe-Post") == b"List-Unsubscribe=One-Click"
    assert unfolded(octets, "Message-ID") == thread.encode()
    assert unfolded(octets, "In-Reply-To") == thread.encode()
    assert unfolded(octets, "References") == f"{thread} {thread}".encode()
    assert unfolded(octets, "To") == mail.recipient.encode()
    assert f"<printers@{as_ascii_host(host)}>".encode() in unfolded(octets, "From")
    assert unfolded(octets, "Subject") == b"=?utf-8?q?K=C3=BCrzel?="
    head = octets.split(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 998


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_no_subject_makes_a_line_that_mail_servers_refuse(subject: str) -> None:
    written = as_email(outgoing(subject=subject), SENDER).as_bytes()
    head = written.split(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 998


@given(st.text())
def test_a_line_is_one_line_without_anything_hidden(text: str) -> None:
    line = one_line(text)
    assert len(line) <= 160
    assert line == " ".join(line.split())
    assert not set(line) & set("\u202e\u2066\u200f\u0000\u001b\u2028\n\r")


def test_text_is_not_turned_round() -> None:
    assert one_line("invoice\u202egpj.exe") == "invoicegpj.exe"
    assert one_line("  two\n\twords ") == "two words"
    assert one_line("x" * 200).endswith("…")


def test_chat_rooms_see_no_mentions_and_no_links_in_disguise() -> None:
    said = for_chat("<!channel> @everyone [here](https://evil.example) `code`")
    assert not set(said) & set("<>@[]`")


def test_a_file_that_is_written_again_is_the_same_one(tmp_path: Path) -> None:
    channel = FileChannel(tmp_path / "outbox", SENDER)
    channel.send(outgoing())
    channel.send(outgoing())
    (path,) = (tmp_path / "outbox").iterdir()
    assert path.name == "20260310T120000Z-notice-1.eml"
    assert read(path.read_bytes())["Subject"] == "Critical"
