"""Words of printers in the languages of their panels: sleep, process colors, tray numbers.

Codes come before words: these decide only where a code, a bit or a pointer says too little.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from core.contract.messages import InputTray
from core.domain.part_names import row_of

_MAX_REMEMBERED: Final = 2048

# All patterns are matched against folded text: lower case, without accents.
_SLEEP: Final = re.compile(
    r"\bsleep|power.?sav|energy.?sav|low.?power|hibernat|auto power shut.?off|"
    r"energie.?spar|ruhe(?:zustand|modus)|schlaf|\bstand.?by\b|"  # German
    r"\b(?:en |mode )?veille\b|mode sommeil|economi\w* d.?energie|"  # French
    r"\breposo\b|ahorro de (?:energia|corriente)|hibernacion|"  # Spanish
    r"modo (?:de )?(?:ahorro|suspension|inactiv)|"
    r"risparmio (?:energ|corrente)|\briposo\b|modalita sospension|"  # Italian
    r"\brepouso\b|poupanca de energia|economia de energia|modo (?:de )?(?:suspens|dormir|espera)|adormecid|"
    r"slaap|energiebespar|spaarstand|sluimer|"  # Dutch
    r"vilolage|stromspar|energispar|sparlage|hvilemodus|dvale|sovelage|\bsover\b|"  # Scandinavian
    r"lepotila|virransaast|unitila|"  # Finnish
    r"uspien|oszczedzani\w* energii|tryb czuwania|"  # Polish
    r"spank|spanek|spanok|\bspani\b|rezim uspor|usporn\w* rezim|uspor\w* energ|"  # Czech, Slovak
    r"alvo mod|alvas|energiatakar|"  # Hungarian
    r"mod(?:ul)? repaus|economisire\w* (?:de )?energi|mod inactiv|"  # Romanian
    r"\buyku|(?:guc|enerji) tasarruf|"  # Turkish
    r"stanje (?:mirovanj|spanj)|mirovanje|varcevanj\w* z energ|steden?j\w* energ|"  # Croatian, Slovenian
    r"спящ|режим сна|режим ожидани|энергосбереж|экономи\w* энерг|сплячи|енергозбереж|спящ|"  # Cyrillic
    r"υπνου|εξοικονομηση ενεργειας|αναστολη|"  # Greek
    r"スリーフ|節電|省電力|省エネ|低電力|"  # Japanese, folded: without the voicing marks
    r"睡眠|休眠|节能|節能|省电|省電|待机模式|待機模式|"  # Chinese
    r"절전|수면|슬립"  # Korean
)
_AWAKE: Final = re.compile(
    r"\bwaking|\bexit\w* sleep|\bsleep (?:timer|key|button|setting)|"
    r"\b(?:sleep|energy sav\w*|power sav\w*)(?: mode)?\W*(?:off|disabled)\b"
)

COLORS: Final = ("black", "cyan", "magenta", "yellow")
_COLOR_WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    "black": re.compile(
        r"black|schwarz|\bnoire?\b|\bnegr[oa]\b|\bner[oa]\b|\bpret[oa]\b|zwart|\bsvart|\bmusta|"
        r"czarn|\bcern[yae]|\bciern|\bfekete|\bnegru|siyah|черн|чорн|μαυρ|フラック|黒|黑|검정|흑"
    ),
    "cyan": re.compile(
        r"cyan|zyan|\bciano?\b|\bcian\b|\bsyaani|camgobegi|голуб|блакит|циан|κυαν|シアン|青|시안"
    ),
    "magenta": re.compile(
        r"magenta|purpur|macenta|\bmadzent|пурпур|маджент|ματζεντ|マセンタ|品红|洋紅|品紅|마젠타"
    ),
    "yellow": re.compile(
        r"yellow|gelb|\bjaune|\bamarill|\bgiall|\bamarel|\bgeel\b|\bgule?\b|\bkelta|zolt|zlut|\bzlt|\bsarga|"
        r"\bgalben|\bsari\b|желт|жовт|κιτριν|イエロー|黄|黃|노랑|옐로"
    ),
}
_MODES: Final = re.compile(
    r"black\W*(?:and|&|/|n)?\W*white|schwarz\W*(?:und)?\W*wei|\bnoir\W+(?:et\W+)?blanc|\bnegro\W+y\W+blanco|"
    r"blanco\W+y\W+negro|bianco\W+e\W+nero|preto\W+e\W+branco|zwart\W*wit\b"
)
"""Color modes, which are not about a cartridge."""
_LETTERS: Final = re.compile(
    r"[(\[](BK|[CMYK])[)\]]|\b(?i:toner|ink|drum)\W{1,2}(BK|[CMYK])\b(?!')|\b(BK|[CMK])\W{1,2}(?i:toner|ink|drum)\b"
)
_PART_LETTER: Final = re.compile(r"-\d{2,5}(BK|[CMYK])(?![A-Za-z])")
"""The color that ends a part number, as in TK-5240M."""
_COLOR_OF_LETTER: Final = {"BK": "black", "K": "black", "C": "cyan", "M": "magenta", "Y": "yellow"}
_TRAY_NUMBER: Final = re.compile(
    r"(?:tray|drawer|cassette|kassette|fach|schublade|magazin|\bbac|magasin|vassoio|cassetto|bandeja|casete|gaveta|"
    r"\blade|skuff|bakke|fack|lokero|kasett|kaset|podajnik|zasobnik|szuflada|talca|tava|лоток|лотке|кассет\w?|"
    r"δισκ\w*|トレイ|カセット|給紙|纸盒|紙匣|纸盘|트레이|카세트)\W{0,3}(\d{1,2})(?!\d)"
)
_NUMBER: Final = re.compile(r"(?<![\w.,:/-])(\d{1,2})(?![\w.,:/-]|\s*(?:%|[xX×]))")
# Letters that Unicode does not take apart.
_PLAIN: Final = str.maketrans("łøđıħ", "lodih")


@lru_cache(maxsize=_MAX_REMEMBERED)
def folded(text: str) -> str:
    """Return text for comparison: lower case, without accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part)))


@lru_cache(maxsize=_MAX_REMEMBERED)
def names_sleep(text: str) -> bool:
    """Return whether a text says that the printer is in a low-power state."""
    words = folded(text)
    return _SLEEP.search(words) is not None and _AWAKE.search(words) is None


@lru_cache(maxsize=_MAX_REMEMBERED)
def colors_in(text: str) -> tuple[str, ...]:
    """Return the process colors that a text names by word, by letter or at the end of a part number."""
    words = _MODES.sub(" ", folded(text))
    found = {color for color, pattern in _COLOR_WORDS.items() if pattern.search(words)}
    letters = [letter for groups in _LETTERS.findall(text) for letter in groups if letter]
    found |= {_COLOR_OF_LETTER[letter] for letter in letters + _PART_LETTER.findall(text)}
    return tuple(color for color in COLORS if color in found)


def trays_named_in(text: str, trays: tuple[InputTray, ...], *, lone: bool = False) -> list[InputTray]:
    """Return the trays that a text names by name or number: "Fach 4 leer" names "Tray 4".

    With `lone`, a number without a word for a tray is taken for one, too.
    """
    words = folded(text)
    by_name = [tray for tray in trays if len(name := folded(tray.name or "")) > 1 and _has(words, name)]
    if by_name:
        return by_name
    wanted = set(tray_numbers_in(text, lone=lone))
    numbers = {tray.index: _number_in(tray.name or tray.description or "") for tray in trays}
    if not any(numbers.values()):  # trays without numbers are counted
        numbers = {tray.index: int(row_of(tray.index)) for tray in trays}
    return [tray for tray in trays if numbers[tray.index] in wanted]


def tray_numbers_in(text: str, *, lone: bool = False) -> list[int]:
    """Return the numbers of trays in a text."""
    numbers = _TRAY_NUMBER.findall(folded(text)) or (_NUMBER.findall(text) if lone else [])
    return [int(number) for number in numbers]


def _has(words: str, name: str) -> bool:
    return name in words and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) is not None


def _number_in(name: str) -> int | None:
    numbers = _TRAY_NUMBER.findall(folded(name)) or _NUMBER.findall(name)
    return int(numbers[0]) if len(numbers) == 1 else None
