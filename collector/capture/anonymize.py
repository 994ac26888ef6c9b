"""Takes out of a recording what says whose printer it is; the same word becomes the same other word. Pure.

What is known to name somebody or something (serial number, names, place, addresses) is replaced wherever it
stands, also within other texts; what only looks like an address, a phone number or a serial number as well.
"""

import hashlib
import hmac
import ipaddress
import re
import string
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from collector.drivers.protocol import Varbind
from core.contract.ber import IP_ADDRESS, OCTET_STRING, encode_oid
from core.contract.mib_names import OID
from core.contract.printer_mib import IF_PHYS_ADDRESS

_NAMING: Final = tuple(
    encode_oid(oid)
    for oid in (
        "1.3.6.1.2.1.1.4",  # sysContact
        OID["sysName"],
        OID["sysLocation"],
        OID["prtGeneralCurrentOperator"],
        OID["prtGeneralServicePerson"],
        OID["prtGeneralSerialNumber"],
        OID["prtChannelInformation"],
        "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.1",  # Brother's serial number
    )
)
"""Objects whose whole value names somebody or something."""
_PRINTER_NAME: Final = encode_oid(OID["prtGeneralPrinterName"])
_MODELS: Final = (encode_oid(OID["hrDeviceDescr"]), encode_oid(OID["sysDescr"]))
_PHYSICAL: Final = encode_oid(IF_PHYS_ADDRESS)

_MAC_OCTETS: Final = 6
_SHORTEST: Final = 4
"""Shorter words are not looked for within other texts: they would be found in any."""
_PHONE_DIGITS: Final = 7

_MAC: Final = re.compile(r"(?<![0-9A-Fa-f:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")
_IPV4: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_IPV6: Final = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_DOMAIN: Final = re.compile(r"(?<![\w.-])(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}(?![\w-]|\.\w)")
_SERIAL: Final = re.compile(
    r"\b(?:S/N|SN(?!MP)|Serial(?:[ -]?(?:No|Number))?)[.:# ]*([A-Za-z0-9-]{4,})", re.IGNORECASE
)
_PHONE: Final = re.compile(r"(?<![\w.])\+?[\d(][\d ()/.-]{5,}\d(?!\w)")

# What a printer tells of itself, and not of its owner: versions, dates of firmware, speeds and resolutions.
_BEFORE_A_VERSION: Final = re.compile(
    r"(?<![a-z])(?:v|vers?|version|rev|revision|rel|release|build|firmware|fw|f/w|software|sw|kernel|linux|snmp|"
    r"jetdirect|boot|bios|rom|eeprom|datecode|system|controller|engine|ess|iot|ui|os)[ .:=#_-]*$",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"\b(?:19|20)\d\d([-/. ]?)(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])\b"
    r"|\b\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d\b"
)
_DOTTED: Final = re.compile(r"\d{1,2}\.\d|\d+(?:\.\d+){2}")
_ROUND: Final = re.compile(r"10|150|[1-9]\d{0,3}00")
_MOST_OCTET: Final = 255


class Disguise:
    """One recording's other words: made with a key that is nowhere kept, so that nobody can guess back."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def word(self, text: str) -> str:
        """Return another text of the same shape: letters for letters, digits for digits."""
        stream = self._stream(text.casefold())
        return "".join(_like(character, next(stream)) for character in text)

    def mac(self, octets: bytes) -> bytes:
        """Return another MAC address of one device."""
        made = self._octets(octets, _MAC_OCTETS)
        return bytes((made[0] & 0xFC | 0x02, *made[1:]))

    def ipv4(self, text: str) -> str:
        """Return an address of those for documentation (RFC 5737)."""
        return f"192.0.2.{self._octets(text.encode(), 1)[0] % 254 + 1}"

    def ipv6(self, text: str) -> str:
        """Return an address of those for documentation (RFC 3849)."""
        return f"2001:db8::{self._octets(text.casefold().encode(), 2).hex()}"

    def domain(self, text: str) -> str:
        """Return a host name of those for documentation (RFC 2606)."""
        return f"host-{self._octets(text.casefold().encode(), 3).hex()}.example.org"

    def mail(self, text: str) -> str:
        """Return an address at a domain for documentation."""
        return f"person-{self._octets(text.casefold().encode(), 3).hex()}@example.org"

    def _stream(self, text: str) -> Iterator[int]:
        number = 0
        while True:
            yield from self._octets(f"{number} {text}".encode(), 32)
            number += 1

    def _octets(self, what: bytes, count: int) -> bytes:
        return hmac.new(self._key, what, hashlib.sha256).digest()[:count]


def anonymized(varbinds: Sequence[Varbind], disguise: Disguise) -> list[Varbind]:
    """Return the same objects without what names anybody or anything."""
    words = sorted(_known_words(varbinds), key=len, reverse=True)
    macs = {varbind.value for varbind in varbinds if _is_mac(varbind)}
    changes = _Changes(disguise, words, macs)
    return [varbind._replace(value=changes.of(varbind)) for varbind in varbinds]


class _Changes:
    """Replacements for the values of a capture."""

    def __init__(self, disguise: Disguise, words: Iterable[str], macs: set[bytes]) -> None:
        self._disguise = disguise
        self._whole = set(words)
        self._macs = macs
        spelled = [mac.hex() for mac in macs] + [word for word in words if len(word) >= _SHORTEST]
        pattern = "|".join(map(_wherever, sorted(spelled, key=len, reverse=True)))
        self._known = re.compile(pattern, re.IGNORECASE) if pattern else None

    def of(self, varbind: Varbind) -> bytes:
        if varbind.tag == IP_ADDRESS:
            text = ".".join(map(str, varbind.value))
            return bytes(map(int, self._disguise.ipv4(text).split(".")))
        if varbind.tag != OCTET_STRING or not varbind.value:
            return varbind.value
        if varbind.value in self._macs:
            return self._disguise.mac(varbind.value)
        text = varbind.value.decode("latin-1")
        if text.strip("\0 ") in self._whole:
            return self._disguise.word(text).encode("latin-1")
        changed = text
        for mac in self._macs:
            changed = changed.replace(mac.decode("latin-1"), self._disguise.mac(mac).decode("latin-1"))
        return self._text(changed).encode("latin-1")

    def _text(self, text: str) -> str:
        disguise = self._disguise
        if self._known is not None:
            text = self._known.sub(lambda found: self._known_as(found[0]), text)
        text = _MAC.sub(lambda found: self._mac_text(found[0]), text)
        text = _MAIL.sub(lambda found: disguise.mail(found[0]), text)
        text = _IPV4.sub(lambda found: disguise.ipv4(found[0]) if _is_ipv4(found) else found[0], text)
        text = _IPV6.sub(lambda found: disguise.ipv6(found[0]) if _is_ipv6(found[0]) else found[0], text)
        text = _DOMAIN.sub(lambda found: disguise.domain(found[0]) if _is_domain(found) else found[0], text)
        text = _SERIAL.sub(lambda found: found[0].replace(found[1], disguise.word(found[1])), text)
        return _PHONE.sub(lambda found: disguise.word(found[0]) if _is_phone(found) else found[0], text)

    def _known_as(self, word: str) -> str:
        octets = _mac_of(word)
        if octets in self._macs:
            made = self._disguise.mac(octets).hex()
            return made.upper() if word.isupper() else made
        return self._disguise.word(word)

    def _mac_text(self, text: str) -> str:
        made = self._disguise.mac(bytes.fromhex(re.sub("[:-]", "", text))).hex(text[2])
        return made.upper() if text.isupper() else made


def _wherever(word: str) -> str:
    """Return a pattern for a word within texts: one of letters alone ("Main") is no part of another."""
    spelled = re.escape(word)
    return spelled if any(map(str.isdigit, word)) else rf"(?<!\w){spelled}(?!\w)"


def _known_words(varbinds: Sequence[Varbind]) -> set[str]:
    """Return texts that name somebody or something, as they stand in the objects that are there to do so."""
    models = " ".join(_text_of(v) for v in varbinds if v.oid.startswith(_MODELS)).casefold()
    words = {_text_of(v) for v in varbinds if v.oid.startswith(_NAMING)}
    named = {_text_of(v) for v in varbinds if v.oid.startswith(_PRINTER_NAME)}
    # Many printers give their model as their name: that is what a recording is for.
    return {word for word in words | {name for name in named if name.casefold() not in models} if word}


def _text_of(varbind: Varbind) -> str:
    return varbind.value.decode("latin-1").strip("\0 ") if varbind.tag == OCTET_STRING else ""


def _is_mac(varbind: Varbind) -> bool:
    return varbind.oid.startswith(_PHYSICAL) and len(varbind.value) == _MAC_OCTETS and any(varbind.value)


def _mac_of(word: str) -> bytes:
    try:
        return bytes.fromhex(word)
    except ValueError:
        return b""


def _is_ipv6(text: str) -> bool:
    """Return whether a text is an IPv6 address: no time, and no MAC address that has just been replaced."""
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _is_ipv4(found: re.Match[str]) -> bool:
    """Return whether a text is an IPv4 address and not a version of four numbers."""
    return all(int(part) <= _MOST_OCTET for part in found[0].split(".")) and not _is_version(found)


def _is_domain(found: re.Match[str]) -> bool:
    """Return whether a text is a domain: neither one of ours nor a version with letters in it."""
    name = found[0]
    looks_made = name.isupper() or any(map(str.isdigit, name))
    return not name.endswith("example.org") and not (looks_made and _is_version(found))


def _is_phone(found: re.Match[str]) -> bool:
    """Return whether a text is a phone number: digits with separators.

    A number alone is a counter, a date or a version.
    """
    text = found[0]
    if text.startswith("+"):
        return _digits(text) >= _PHONE_DIGITS
    if _is_version(found) or _DOTTED.match(text) or all(map(_ROUND.fullmatch, re.findall(r"\d+", text))):
        return False
    rest = _DATE.sub("", text)
    return _digits(rest) >= _PHONE_DIGITS and bool(re.search(r"[ ()/-]", rest))


def _is_version(found: re.Match[str]) -> bool:
    """Return whether a number is a version, by the word before it."""
    return _BEFORE_A_VERSION.search(found.string, 0, found.start()) is not None


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _like(character: str, number: int) -> str:
    if character in string.digits:
        return str(number % 10)
    if character in string.ascii_uppercase:
        return string.ascii_uppercase[number % 26]
    if character in string.ascii_lowercase or not character.isascii():
        return string.ascii_lowercase[number % 26]
    return character
