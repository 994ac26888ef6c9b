"""Links into the dashboard for mails and labels, and the signed tokens of those that need no login."""

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from core.domain.assets import ENDS_SOON

_SIGNATURE_BYTES: Final = 18
"""144 bits, 24 characters: too many to guess, short enough for a line of a mail."""
_FOLLOW: Final = "follow"
_JOINED: Final = "joined"
_UNSUBSCRIBE: Final = "unsubscribe"
_RESERVED: Final = "!#$%&'()*+,/:;=?@[]~"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


def as_uri(url: str) -> str:
    """Return an address in ASCII (RFC 3987, 3.1): headers of mails allow nothing else."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    name, colon, port = host.partition(":")
    netloc = f"{quote(user, safe=_RESERVED)}{at}{as_ascii_host(name)}{colon}{port}"
    rest = (quote(part, safe=_RESERVED) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, netloc, *rest))


def as_ascii_host(name: str) -> str:
    """Return a host name as the DNS has it (IDNA)."""
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return quote(name)


@dataclass(frozen=True)
class Follower:
    """Purpose of a link to follow an issue."""

    issue_id: int
    reported: bool
    """It is the reporter's, and shows what they have written; else that of who has the same problem."""


def follow_token(key: bytes, issue_id: int) -> str:
    """Return the token by which the reporter of an issue follows it without an account."""
    return _signed(key, _FOLLOW, str(issue_id))


def joined_token(key: bytes, issue_id: int) -> str:
    """Return the token for who has the same problem: it shows no words or photos of the reporter."""
    return _signed(key, _JOINED, str(issue_id))


def follower_of_token(keys: Iterable[bytes], token: str) -> Follower | None:
    """Return the follower that a token of either kind stands for; None where it is not ours."""
    known = tuple(keys)
    for purpose in (_FOLLOW, _JOINED):
        number = _verified(known, purpose, token)
        if number is not None and _NUMBER.fullmatch(number):
            return Follower(int(number), reported=purpose == _FOLLOW)
    return None


def unsubscribe_token(key: bytes, user_name: str) -> str:
    """Return the token by which a user ends the daily summary without signing in."""
    return _signed(key, _UNSUBSCRIBE, user_name)


def user_of_token(keys: Iterable[bytes], token: str) -> str | None:
    """Return the user that an unsubscribe token is for; None where it is not ours. `keys`: as above."""
    return _verified(keys, _UNSUBSCRIBE, token)


ACCOUNT_LINK_PATH: Final = "/login/link"


def account_link(dashboard_url: str, token: str) -> str:
    """Return the address of a link by which somebody makes their account or sets a new password.

    The token stands in the fragment, which browsers send to nobody: it is in no log of a proxy.
    """
    return f"{_base_of(dashboard_url)}{ACCOUNT_LINK_PATH}#{token}"


class Links:
    """Addresses of the dashboard's pages, beginning with DASHBOARD_URL."""

    def __init__(self, dashboard_url: str, key: bytes) -> None:
        self._base = _base_of(dashboard_url)
        self._key = key

    @property
    def home(self) -> str:
        """Where everybody begins."""
        return f"{self._base}/"

    @property
    def attention(self) -> str:
        """What needs somebody, worst first."""
        return f"{self._base}/attention"

    @property
    def supplies(self) -> str:
        """The purchase list."""
        return f"{self._base}/supplies"

    @property
    def low_stock(self) -> str:
        """Shelves that are low or to be counted."""
        return f"{self._base}/stock?show=low"

    @property
    def issues(self) -> str:
        """The list of issues."""
        return f"{self._base}/issues"

    @property
    def own_issues(self) -> str:
        """The issues of whoever opens it."""
        return f"{self._base}/issues?assignee=me"

    @property
    def overdue_visits(self) -> str:
        """Issues to which the vendor did not come in time, whoever has them."""
        return f"{self._base}/issues?assignee=all&vendor=overdue&view=table"

    @property
    def resolved_issues(self) -> str:
        """What was resolved."""
        return f"{self._base}/issues?view=table&status=resolved"

    @property
    def ending_soon(self) -> str:
        """Printers whose warranty or contract ends soon, for who decides what comes after it."""
        return f"{self._base}/reports?of=replace&ends={ENDS_SOON}"

    @property
    def printers(self) -> str:
        """The list of printers."""
        return f"{self._base}/fleet"

    @property
    def places(self) -> str:
        """All places with their counts."""
        return f"{self._base}/places"

    @property
    def account(self) -> str:
        """One's own account, where one chooses one's mails."""
        return f"{self._base}/account"

    def place(self, place: str) -> str:
        """Return the page of a place: its printers, issues and supplies."""
        return f"{self._base}/place?location={quote(place, safe='')}"

    def issue(self, issue_id: int) -> str:
        """Return an issue, for who can sign in."""
        return f"{self._base}/issue?id={issue_id}"

    def printer(self, printer_id: str) -> str:
        """Return a printer."""
        return f"{self._base}/printer?id={quote(printer_id, safe='')}"

    def follow(self, issue_id: int) -> str:
        """Return an issue, for who reported it."""
        return f"{self._base}/follow?token={follow_token(self._key, issue_id)}"

    def account_link(self, token: str) -> str:
        """Return where somebody makes their account or sets a new password, once."""
        return account_link(self._base, token)

    def unsubscribe(self, user_name: str) -> str:
        """Return where a user ends the daily summary: a page that asks (GET), or one click (POST)."""
        return f"{self._base}/unsubscribe?token={unsubscribe_token(self._key, user_name)}"


def _base_of(dashboard_url: str) -> str:
    return dashboard_url.strip().rstrip("/")


def _signed(key: bytes, purpose: str, subject: str) -> str:
    return f"{_text(subject.encode())}.{_signature(key, purpose, subject)}"


def _verified(keys: Iterable[bytes], purpose: str, token: str) -> str | None:
    encoded, _, signature = token.partition(".")
    try:
        subject = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except ValueError:  # neither base64 nor UTF-8
        return None
    # Compared with the whole token: base64 has several spellings of the same bytes.
    given = token.encode(errors="replace")
    valid = [hmac.compare_digest(_signed(key, purpose, subject).encode(), given) for key in keys]
    return subject if signature and any(valid) else None


def _signature(key: bytes, purpose: str, subject: str) -> str:
    # The purpose is signed, too: a token for one thing opens nothing else.
    digest = hmac.digest(key, f"{purpose}\0{subject}".encode(), "sha256")
    return _text(digest[:_SIGNATURE_BYTES])


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
