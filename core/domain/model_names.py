"""The name of a printer's model: without versions, service tags and serial numbers, with its maker. Pure.

Order lists and reports group printers by model: two printers of one model must have one name, whatever
firmware they run.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from core.domain.device_texts import MAX_TEXT, clean

_ENTERPRISES: Final = "1.3.6.1.4.1."
_MAKERS: Final[Mapping[str, str]] = {
    "11": "HP",
    "119": "NEC",
    "236": "Samsung",
    "253": "Xerox",
    "297": "Fujifilm",
    "367": "Ricoh",
    "641": "Lexmark",
    "674": "Dell",
    "1129": "Toshiba",
    "1248": "Epson",
    "1347": "Kyocera",
    "1602": "Canon",
    "2001": "OKI",
    "2385": "Sharp",
    "2435": "Brother",
    "2590": "Minolta",
    "10642": "Zebra",
    "18334": "Konica Minolta",
    "29999": "HP",
    "40093": "Pantum",
}
"""By private enterprise number (IANA) of the sysObjectID."""

# How model names and IEEE 1284 ids begin that name their maker, and what that maker is called here. Makers
# that sell printers of another one are among them: their enterprise number is the other's.
_NAMED: Final[Mapping[str, str]] = {
    "hewlett-packard": "HP", "hewlett packard": "HP", "hp": "HP", "brother": "Brother", "canon": "Canon",
    "ricoh": "Ricoh", "gestetner": "Gestetner", "lanier": "Lanier", "nrg": "NRG", "savin": "Savin",
    "infotec": "Infotec", "nashuatec": "Nashuatec", "rex rotary": "Rex Rotary", "rex-rotary": "Rex Rotary",
    "kyocera": "Kyocera", "utax": "UTAX", "ta triumph-adler": "TA Triumph-Adler",
    "triumph-adler": "Triumph-Adler", "olivetti": "Olivetti", "copystar": "Copystar",
    "konica minolta": "Konica Minolta", "konica": "Konica Minolta", "minolta": "Minolta",
    "develop": "Develop", "sindoh": "Sindoh", "muratec": "Muratec", "sharp": "Sharp",
    "fuji xerox": "Fuji Xerox", "fx": "Fuji Xerox", "fujifilm": "Fujifilm", "xerox": "Xerox",
    "tektronix": "Tektronix", "lexmark": "Lexmark", "ibm": "IBM", "infoprint": "InfoPrint",
    "samsung": "Samsung", "epson": "Epson", "seiko epson": "Epson",
    "oki": "OKI", "okidata": "OKI", "toshiba": "Toshiba", "dell": "Dell", "zebra": "Zebra", "ztc": "Zebra",
    "pantum": "Pantum", "nec": "NEC", "panasonic": "Panasonic", "sony": "Sony", "dymo": "Dymo",
    "honeywell": "Honeywell", "intermec": "Intermec", "sato": "Sato", "tsc": "TSC", "citizen": "Citizen",
    "star": "Star", "troy": "Troy", "lenovo": "Lenovo", "avision": "Avision", "microsoft": "Microsoft",
}  # fmt: skip
_BEGINS_WITH_MAKER: Final = re.compile(
    rf"(?:{'|'.join(sorted(map(re.escape, _NAMED), key=len, reverse=True))})(?![a-z0-9])", re.IGNORECASE
)

# What stands behind the name: a list of parts, or a word for a version or a number.
_TAIL: Final = re.compile(
    r"\s*[;,].*|\s+/.*|\s+-{1,2}\s.*"
    r"|[\s:(\[]+(?:s/?n|p/n|pn|serial(?:\s+(?:no|number))?|service\s+tag|asset\s+tag|firmware|fw|f/w"
    r"|version|vers|ver|revision|rev|engine|ess|net|mac(?:\s+address)?)\b[.:#=\s]*\S*\d.*",
    re.IGNORECASE | re.DOTALL,
)
_VERSION: Final = re.compile(
    r"v?\.?\d+(?:\.\d+)+\w*|(?=[\w.-]*\d)[a-z]\w*(?:\.\w+|\.{2,})+|v\d+(?:[._]\d+)*", re.IGNORECASE
)
"""A word such as 2.20, V11.01.03.04 or LW62.GM4.P123."""
_MODEL_NUMBER: Final = re.compile(r"[A-Za-z]{1,5}-?\d{2,5}[A-Za-z]{0,6}")
_TAG: Final = re.compile(r"(?=[^\s]*\d)[A-Z0-9]{7}")
"""A Dell service tag: seven characters."""
_SERIAL: Final = re.compile(r"(?=(?:[^\s]*\d){4})[A-Z0-9]{9,20}")
_USELESS: Final = re.compile(
    r"(?:ethernet|eth\d*|en\d+|lan|wlan|lo\d*|usb|parallel|serial|lpt\d*|network|local|default|ipp|raw|tcp)?[\s_-]*"
    r"(?:port|interface|card|adapter|controller|printer|device|queue)?\s*\d*"
    r"|(?:unknown|generic|none|n/?a|null|not\s+available|unspecified)\b.*"
    r"|.*\b(?:print(?:ing)?[\s_-]*(?:server|system)|multi-?environment|jet\s?direct|built-?in|base-?tx?)\b.*"
    r"|brother\s+nc-\d.*",
    re.IGNORECASE | re.DOTALL,
)
_ATTACHED: Final = re.compile(r"\battached to\s+(\S[^:;,]*)", re.IGNORECASE)
"""What a print server says of its printer in sysDescr (OKI)."""
_PRODUCT: Final = re.compile(r"(?:^|[,;])\s*PID:\s*([^,;]+)")
"""What HP's network cards say of theirs."""
_FIELD: Final = re.compile(
    r"(?:^|;)\s*(MFG|MANUFACTURER|MDL|MODEL|DES|DESCRIPTION)\s*:\s*([^;]*)", re.IGNORECASE
)
_LONG_NAMES: Final = {"MANUFACTURER": "MFG", "MODEL": "MDL", "DESCRIPTION": "DES"}


@lru_cache(maxsize=4096)
def model_name(
    description: str | None,
    system_description: str | None = None,
    *,
    object_id: str | None = None,
    device_id: str | None = None,
    serial_number: str | None = None,
) -> str | None:
    """Return the model by hrDeviceDescr, the IEEE 1284 id, or sysDescr: the first of them that names one.

    Where none does, return hrDeviceDescr or sysDescr as they are; None where there is neither.
    """
    for told in (description, device_id, system_description):
        name = _name_of(told, serial_number)
        if name and is_useful(name):
            return _with_maker(name, object_id)[:MAX_TEXT]
    return description or system_description


@lru_cache(maxsize=4096)
def has_model(description: str | None, system_description: str | None) -> bool:
    """Return whether hrDeviceDescr, or else sysDescr, names a model: then no IEEE 1284 id is needed."""
    told = description or system_description
    name = _name_of(told, None)
    return name is not None and is_useful(name)


@lru_cache(maxsize=4096)
def is_useful(name: str) -> bool:
    """Return whether a name is that of a model: not of an interface, a print server or a maker alone."""
    maker = _BEGINS_WITH_MAKER.match(name)
    rest = name[maker.end() :] if maker else name
    return (
        bool(re.search(r"\w", rest)) and not _USELESS.fullmatch(name) and not _USELESS.fullmatch(rest.strip())
    )


def _name_of(told: str | None, serial_number: str | None) -> str | None:
    """Return the name in what one object says."""
    if not told:
        return None
    fields = {_key(key): value.strip() for key, value in _FIELD.findall(told)}
    if "MDL" in fields:
        return _name_by_device_id(fields, serial_number)
    product = _PRODUCT.search(told) or _ATTACHED.search(told)
    if product is None:
        return _without_tail(told, serial_number)
    name = _without_tail(product[1], serial_number)
    maker = _BEGINS_WITH_MAKER.match(told)
    return (
        f"{_NAMED[maker[0].lower()]} {name}"
        if name and maker and not _BEGINS_WITH_MAKER.match(name)
        else name
    )


def _key(name: str) -> str:
    return _LONG_NAMES.get(name.upper(), name.upper())


def _name_by_device_id(fields: Mapping[str, str], serial_number: str | None) -> str | None:
    name = _without_tail(fields["MDL"], serial_number)
    if not name or _BEGINS_WITH_MAKER.match(name):
        return name
    made_by = clean(fields.get("MFG", ""))
    known = _BEGINS_WITH_MAKER.match(made_by or "")
    maker = _NAMED[known[0].lower()] if known else made_by
    return f"{maker} {name}" if maker and maker.lower() not in name.lower() else name


def _without_tail(text: str, serial_number: str | None) -> str | None:
    """Return the text up to the first version or serial number."""
    words = _TAIL.sub("", " " + text.strip(), count=1).split()
    for place, word in enumerate(words):
        if place and _VERSION.fullmatch(word.strip("()[]")) and _has_number(words[:place]):
            words = words[:place]
            if _is_tag(words):
                words.pop()
            break
    if len(words) > 1 and (_is_serial(words, serial_number) or _is_odd_tag(words)):
        words.pop()
    return clean(" ".join(words))


def _has_number(words: list[str]) -> bool:
    return any(any(map(str.isdigit, word)) for word in words)


def _is_serial(words: list[str], serial_number: str | None) -> bool:
    last = words[-1].strip("()[]")
    if serial_number and last.casefold() == serial_number.casefold():
        return True
    return bool(_SERIAL.fullmatch(last)) and _has_number(words[:-1])


def _is_odd_tag(words: list[str]) -> bool:
    """Return whether the last word is a service tag that cannot be a model number as well (7AB1C23)."""
    return (
        bool(_TAG.fullmatch(words[-1]))
        and not words[-1].isdigit()
        and not _MODEL_NUMBER.fullmatch(words[-1])
        and _has_number(words[:-1])
    )


def _is_tag(words: list[str]) -> bool:
    """Return whether the word before a version is a service tag: behind another model number it is."""
    if len(words) < 2 or not _TAG.fullmatch(words[-1]):  # noqa: PLR2004 (the name and the tag)
        return False
    return _is_odd_tag(words) or any(map(_MODEL_NUMBER.fullmatch, words[:-1]))


def _with_maker(name: str, object_id: str | None) -> str:
    if _BEGINS_WITH_MAKER.match(name):
        return name
    number = (object_id or "").removeprefix(".").removeprefix(_ENTERPRISES).partition(".")[0]
    maker = _MAKERS.get(number)
    if maker is None or maker.lower() in name.lower():
        return name
    return f"{maker} {name}"
