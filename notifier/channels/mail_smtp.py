"""Mail by SMTP: one connection for a round of messages, TLS verified, answers told apart."""

import smtplib
import ssl
from contextlib import suppress
from email.utils import parseaddr
from typing import Final

from core.mails.clean_text import one_line
from core.runtime.failures import failure_text
from core.runtime.mail_settings import MailSettings
from notifier.channels.channel import ChannelUnavailable, MessageRefused, Outgoing, TryLater
from notifier.outbox.mime import as_email

_PERMANENT: Final = 500
_SERVICE_NOT_AVAILABLE: Final = 421


class SmtpChannel:
    """The mail server of EMAIL_HOST."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._client: smtplib.SMTP | None = None

    def send(self, mail: Outgoing) -> None:
        """Hand one message over; returns once the server has taken it."""
        message = as_email(mail, self._settings.default_from_email)
        sender = parseaddr(self._settings.default_from_email)[1]
        client = self._connected()
        try:
            client.send_message(message, sender, [mail.recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            raise self._told(mail, code, reason) from error
        except smtplib.SMTPSenderRefused as error:
            self.close()
            said = _said(error.smtp_code, error.smtp_error)
            raise ChannelUnavailable(
                f"the mail server does not take mails from {sender} ({said})."
            ) from error
        except smtplib.SMTPResponseException as error:
            raise self._told(mail, error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MessageRefused(
                f"{mail.recipient}: the mail server cannot write to such an address."
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise TryLater(
                f"the connection to {self._where} broke: {one_line(failure_text(error))}."
            ) from error

    def probe(self) -> None:
        """Connect and sign in, send nothing; raises ChannelUnavailable."""
        self._connected()
        self.close()

    def close(self) -> None:
        """End the connection, if there is one."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, smtplib.SMTPException):
                client.quit()

    def _connected(self) -> smtplib.SMTP:
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        host, port, timeout = settings.email_host, settings.email_port, settings.email_timeout
        client: smtplib.SMTP | None = None
        try:
            if settings.email_use_ssl:
                context = ssl.create_default_context()
                client = smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
            else:
                client = smtplib.SMTP(host, port, timeout=timeout)
            if settings.email_use_tls:
                client.starttls(context=ssl.create_default_context())
            if settings.email_host_user:
                password = settings.email_host_password
                client.login(settings.email_host_user, password.get_secret_value() if password else "")
        except (OSError, smtplib.SMTPException) as error:
            if client is not None:
                client.close()
            raise ChannelUnavailable(self._why_not(error)) from error
        return client

    def _why_not(self, error: Exception) -> str:
        if isinstance(error, smtplib.SMTPAuthenticationError):
            reason = _said(error.smtp_code, error.smtp_error)
            return f"{self._where} refuses EMAIL_HOST_USER and EMAIL_HOST_PASSWORD ({reason})."
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the certificate of {self._where} is not trusted: {error.verify_message}."
        if isinstance(error, smtplib.SMTPResponseException):
            return f"{self._where} does not let us in ({_said(error.smtp_code, error.smtp_error)})."
        return f"{self._where} cannot be used: {one_line(failure_text(error))}."

    def _told(self, mail: Outgoing, code: int, reason: bytes | str) -> Exception:
        """Return the error for an answer of the server to this message."""
        said = f"{mail.recipient}: {_said(code, reason)}."
        if code == _SERVICE_NOT_AVAILABLE:  # it closes the connection
            self.close()
            return ChannelUnavailable(said)
        return MessageRefused(said) if code >= _PERMANENT else TryLater(said)

    @property
    def _where(self) -> str:
        return f"the mail server {self._settings.email_host}:{self._settings.email_port}"


def _said(code: int, reason: bytes | str) -> str:
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
    return f"{code} {one_line(text)}".strip()
