"""A real mail server on loopback, which takes, refuses, delays or drops as a test wants."""

import asyncio
import email
import email.policy
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.brokers import free_port

USER, PASSWORD = "printers", "a password of this test"


@dataclass
class Mailbox:
    """What the server was given, and how it answers."""

    received: list[tuple[str, bytes]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    """Answers to RCPT TO, by address."""
    after_data: list[str] = field(default_factory=list)
    """Answers to the next messages; `drop`: the connection is cut instead, the message not taken."""
    answering: threading.Event = field(default_factory=threading.Event)
    """Cleared: messages are taken, but the answer is not given yet."""
    connections: int = 0

    def __post_init__(self) -> None:
        self.answering.set()

    def mails(self) -> list[EmailMessage]:
        """Parsed, in order."""
        return [self.parsed(octets) for _, octets in self.received]

    @staticmethod
    def parsed(octets: bytes) -> EmailMessage:
        """As a mail program reads it."""
        message = email.message_from_bytes(octets, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    async def handle_EHLO(  # noqa: N802 (the library's name)
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 (the library's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.after_data.pop(0) if self.after_data else "250 taken"
        if answer == "drop":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 nobody hears this"
        if answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.received += [(recipient, content) for recipient in envelope.rcpt_tos]
        await asyncio.to_thread(self.answering.wait, 60)
        return answer


@contextmanager
def mail_server(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """Its port, on 127.0.0.1."""
    controller = Controller(mailbox, hostname="127.0.0.1", **{"port": free_port(), **options})
    controller.start()
    try:
        yield controller.port
    finally:
        mailbox.answering.set()
        controller.stop()


def with_login(**options: Any) -> dict[str, Any]:
    """Options of a server that wants USER and PASSWORD."""

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.login == USER.encode()
        return AuthResult(success=right and given.password == PASSWORD.encode(), handled=False)

    return {"authenticator": check, "auth_required": True, "auth_require_tls": False, **options}


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 and localhost, and the server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, key_file = folder / "server.pem", folder / "server.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_file)
    return pem, context
