"""What the paper of a tray is called, one name whichever way its printer says it. Pure.

Printers name paper by a self-describing size (`iso_a4_210x297mm`, PWG 5101.1), by a name of RFC 3805,
appendix C (`iso-a4-white`), by a media type (`stationery-recycled`, PWG 5101.1), or as their panel does
("Plain Paper", "Letter (8.5x11)"). Who loads paper wants one line for one kind of paper.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_MAX_REMEMBERED: Final = 2048
_PLAIN: Final = "Plain"
_SELF_DESCRIBING: Final = re.compile(r"([a-z]+)_([a-z0-9.-]+)_([\d.]+)x([\d.]+)(mm|in)")
_MEASURES: Final = re.compile(
    r"""(\d+(?:\.\d+)?)\s*(?:mm|in|")?\s*[x×]\s*(\d+(?:\.\d+)?)\s*(?:mm|inches|inch|in\b|")?"""
)
_BETWEEN: Final = re.compile(r"[\s_\-,;:/()]+")

_SIZES: Final[Mapping[str, str]] = {
    **{name: name.upper() for name in ("a2", "a3", "a4", "a5", "a6", "b4", "b5", "b6", "c4", "c5", "c6")},
    **{name: name[:2].upper() for name in ("a3r", "a4r", "a5r", "b4r", "b5r")},  # the same, turned
    "letter": "Letter", "ltr": "Letter", "ltrr": "Letter", "8.5x11": "Letter",
    "legal": "Legal", "lgl": "Legal", "8.5x14": "Legal",
    "ledger": "Ledger", "tabloid": "Ledger", "11x17": "Ledger",
    "executive": "Executive", "statement": "Statement", "invoice": "Statement", "5.5x8.5": "Statement",
    "297x420": "A3", "210x297": "A4", "148x210": "A5",
}  # fmt: skip
"""Sizes that need no measures beside them."""
_FILLERS: Final = {"iso", "na", "din", "jis", "custom", "size", "white"}
"""Words of standard names that tell no two papers of a tray apart."""
_UNSAID: Final = {
    "", "any", "any type", "auto", "automatic", "auto select", "default", "mixed", "none", "not set", "other",
    "paper", "papier", "unknown", "unspecified",
}  # fmt: skip
_LAST: Final = re.compile(r"\s+(?:paper|media)$", re.IGNORECASE)
# Matched against folded text: lower case, without accents.
_TYPES: Final = (
    (
        re.compile(
            r"plain|stationery|normal|standard|office|normal\s?papier|standard\s?papier|"
            r"papier (?:ordinaire|normal|standard|zwykly)|papel (?:normal|comun|comum|sencillo)|"
            r"carta (?:comune|normale|standard)|(?:gewoon|normaal) papier|"
            r"(?:vanligt|vanlig|almindeligt) pap(?:per|ir)|обычная(?: бумага)?|普通[紙纸]|보통(?: ?용지)?"
        ),
        _PLAIN,
    ),
    (
        re.compile(
            r"recycled?|recycling\s?papier|papier recycle|papel reciclado|carta riciclata|"
            r"再生[紙纸]|재생(?: ?용지)?"
        ),
        "Recycled",
    ),
    (re.compile(r"letterhead|brief(?:kopf|bogen|papier)"), "Letterhead"),
)


@lru_cache(maxsize=_MAX_REMEMBERED)
def media_name(told: str | None) -> str:
    """Return what to call paper that a printer names so: `A4`, `Plain`, `Letter, recycled`.

    A size means plain paper where nothing else is said. "" where the printer does not say which paper it is;
    a name that is in no list stays as it is, but for capitals.
    """
    text = unicodedata.normalize("NFKC", told or "").strip()
    if found := _SELF_DESCRIBING.fullmatch(text.lower()):
        return _of_size(*found.groups())
    standard = "_" in text or text.islower()
    words = [word for word in _BETWEEN.split(_measures_as_words(text)) if word]
    folded = [word.lower() for word in words]
    size = next((_SIZES[word] for word in folded if word in _SIZES), "")
    if size.startswith("B") and "jis" in folded:
        size = f"JIS {size}"
    named_so = _FILLERS if size or standard else ()
    rest = [word for word in words if word.lower() not in named_so and not (size and word.lower() in _SIZES)]
    if not size:
        return _type(" ".join(rest))
    kind = _type(" ".join(word for word in rest if not _MEASURES.fullmatch(word)))
    return size if kind in ("", _PLAIN) else f"{size}, {kind[:1].lower()}{kind[1:]}"


def _of_size(of: str, name: str, width: str, height: str, unit: str) -> str:
    size = _SIZES.get(name, "") if of != "custom" else ""
    if size:
        return f"JIS {size}" if of == "jis" and size.startswith("B") else size
    return f"{name.replace('-', ' ').capitalize()}, {width} x {height} {unit}"


def _measures_as_words(text: str) -> str:
    return _MEASURES.sub(lambda found: f" {found[1]}x{found[2]} ", text)


def _type(said: str) -> str:
    folded = _folded(said)
    spellings = (folded, _LAST.sub("", folded), folded.removeprefix("stationery "))
    for pattern, name in _TYPES:
        if any(map(pattern.fullmatch, spellings)):
            return name
    if folded in _UNSAID:
        return ""
    kept = _LAST.sub("", said)
    kept = kept[len("stationery ") :] if folded.startswith("stationery ") else kept
    return kept.capitalize() if kept.isupper() or kept.islower() else kept


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
