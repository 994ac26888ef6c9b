"""Conditions of a printer, one entry each: severity, who can fix it, sentence, advice.

The only place with these codes, their sentences and the order of severities. A flag is stored as its code and
parameters; its sentence is made here, so that another wording is shown of stored flags, too.

Parameters (all optional, all texts):
  part      the name of the tray, supply, cover ... that it is about
  percent   its level, where that is the reason
  variant   which of the condition's other sentences it is
  words     the printer's own words
  alert     a prtAlertCode whose sentence says it, with `group` and `row` (see core/domain/alert_sentences.py)
  reports   how many sentences there are; the parameters of the second and third end in _2 and _3
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from core.contract.messages import Attention, Fixer, Severity
from core.domain.alert_sentences import after_colon, alert_sentence
from core.domain.flag_reports import reports_in

SEVERITIES: Final[Mapping[str, str]] = {"critical": "Critical", "warning": "Warning", "info": "Note"}
"""The severities in words, worst first."""
SEVERITY_RANK: Final[Mapping[str, int]] = {
    severity: rank for rank, severity in enumerate(reversed([*SEVERITIES]))
}
"""The worse, the higher."""
FIXERS: Final[Mapping[str, str]] = {
    "anyone": "Anyone can fix this",
    "technician": "For a technician",
    "vendor": "For the vendor's service",
}

JAM: Final = "jam"
DOOR_OPEN: Final = "door_open"
NO_PAPER: Final = "no_paper"
PAPER_LOW: Final = "paper_low"
MEDIA_REQUESTED: Final = "media_requested"
TRAY_MISSING: Final = "tray_missing"
OUTPUT_TRAY_MISSING: Final = "output_tray_missing"
OUTPUT_FULL: Final = "output_full"
OUTPUT_NEARLY_FULL: Final = "output_nearly_full"
SUPPLY_EMPTY: Final = "supply_empty"
SUPPLY_MISSING: Final = "supply_missing"
SUPPLY_LOW: Final = "supply_low"
WASTE_FULL: Final = "waste_full"
WASTE_NEARLY_FULL: Final = "waste_nearly_full"
MAINTENANCE_DUE: Final = "maintenance_due"
SERVICE_REQUESTED: Final = "service_requested"
OFFLINE: Final = "offline"
ALERT_CRITICAL: Final = "alert_critical"
ALERT_WARNING: Final = "alert_warning"
UNREACHABLE: Final = "unreachable"
DEVICE_CHANGED: Final = "device_changed"
CLOCK_SKEW: Final = "clock_skew"
CLOCK_SET_BACK: Final = "clock_set_back"
NOT_A_PRINTER: Final = "not_a_printer"

WORN: Final = "worn"
"""Variant: a part that wears out (a drum, a fuser) rather than runs empty."""
ALL_TRAYS: Final = "all_trays"
ONE_TRAY: Final = "one_tray"
"""Variant: one of several trays, and nobody knows which."""
DOWN: Final = "down"
"""Variant: by its hrDeviceStatus alone."""
OTHER_MODEL: Final = "other_model"
"""Variant: with the parameters `model` and `model_before`."""

PartTable = Literal["", "supplies", "input_trays", "output_trays", "covers"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """All there is to know of one condition."""

    code: str
    of_printer: str
    """Its sentence where no part is named."""
    of_part: str = ""
    """Its sentence with the name of a {part}."""
    variants: Mapping[str, str] = field(default_factory=dict)
    """Other sentences, by name."""
    before_alert: str = ""
    """What the sentence of a row of the alert table follows; it stands alone where this is empty."""
    reported: str = ""
    """Where only the printer's {words} are known; then they are not added to a sentence of ours."""
    severity: Severity | None = None
    """Whatever the printer calls it; None where that, or the status of the device, decides."""
    fixer: Fixer = "technician"
    """Who can fix it where the printer does not say."""
    advice: Mapping[str, str] = field(default_factory=dict)
    """What whoever stands before the printer can do, by who can fix it; generic words where not given."""
    stops: bool = False
    """Where critical, it keeps the printer from printing, whatever the status of the device is."""
    parts: PartTable = ""
    """The rows of PrinterState that its subject is one of, and names in public."""
    category: str = ""
    """Of the issue about it; "" where it belongs to none in particular (`other`)."""
    ordered_for: str = ""
    """It calls for a new part, whatever the level is: what is wrong with the old one."""
    used_up: bool = False
    """Nothing is left of the supply, or no room."""
    several: bool = False
    """Reports about different things come together under it; all others are about one door, one jam."""
    stronger: tuple[str, ...] = ()
    """Of one tray, supply or container only the last of these that is reported is a flag."""
    same_as: tuple[str, ...] = ()
    """A report that names no part is taken for the same condition as one of these that does."""


CONDITIONS: Final[Mapping[str, Condition]] = {
    one.code: one
    for one in (
        Condition(
            code=JAM,
            of_printer="Paper is jammed.",
            of_part="Paper is jammed at {part}.",
            severity="critical",
            fixer="anyone",
            advice={
                "anyone": "Open the doors or trays it names, pull the paper out slowly and whole, and close"
                " all again.",
            },
            stops=True,
            category="jam",
        ),
        Condition(
            code=DOOR_OPEN,
            of_printer="A cover is open.",
            of_part="{part} is open.",
            fixer="anyone",
            advice={"anyone": "Close it firmly, until it clicks."},
            parts="covers",
        ),
        Condition(
            code=NO_PAPER,
            of_printer="The printer is out of paper.",
            of_part="{part} is out of paper.",
            variants={ALL_TRAYS: "All trays are out of paper.", ONE_TRAY: "A paper tray is out of paper."},
            fixer="anyone",
            advice={
                "anyone": "Fill the tray with the paper it is set to and push it in until it clicks.",
            },
            parts="input_trays",
            category="paper",
            stronger=(TRAY_MISSING,),
        ),
        Condition(
            code=PAPER_LOW,
            of_printer="Paper is low.",
            of_part="{part} is low on paper.",
            severity="warning",
            fixer="anyone",
            advice={
                "anyone": "It still prints. Anybody can add paper.",
                "technician": "It still prints. A technician adds paper.",
            },
            parts="input_trays",
            category="paper",
            stronger=(NO_PAPER, TRAY_MISSING),
            same_as=(NO_PAPER,),
        ),
        Condition(
            code=MEDIA_REQUESTED,
            of_printer="The printer asks for paper.",
            of_part="The printer asks for paper in {part}.",
            severity="info",  # what a person is asked for is no fault, even where the printer waits for it
            fixer="anyone",
            advice={
                "anyone": "Put the paper that its panel asks for where the panel says; it then continues.",
                "technician": "It waits for paper that a print job asks for. Its panel says which.",
            },
            parts="input_trays",
            category="paper",
            several=True,
        ),
        Condition(
            code=TRAY_MISSING,
            of_printer="A paper tray is missing or open.",
            of_part="{part} is missing or open.",
            fixer="anyone",
            advice={"anyone": "Push the tray in until it clicks."},
            parts="input_trays",
            category="paper",
        ),
        Condition(
            code=OUTPUT_TRAY_MISSING,
            of_printer="An output tray is missing.",
            of_part="{part} is missing.",
            fixer="anyone",
            advice={"anyone": "Put the output tray back in place."},
            parts="output_trays",
        ),
        Condition(
            code=OUTPUT_FULL,
            of_printer="The output tray is full.",
            of_part="{part} is full.",
            fixer="anyone",
            advice={"anyone": "Take the prints out of the output tray; it then continues."},
            parts="output_trays",
            stronger=(OUTPUT_TRAY_MISSING,),
        ),
        Condition(
            code=OUTPUT_NEARLY_FULL,
            of_printer="The output tray is nearly full.",
            of_part="{part} is nearly full.",
            severity="warning",
            fixer="anyone",
            advice={
                "anyone": "It still prints. Anybody can take the prints out of the output tray.",
            },
            parts="output_trays",
            stronger=(OUTPUT_FULL, OUTPUT_TRAY_MISSING),
            same_as=(OUTPUT_FULL,),
        ),
        # Those that call for a part stand in the order of their urgency: see ORDERED_FOR.
        Condition(
            code=SUPPLY_EMPTY,
            of_printer="Toner or ink is empty.",
            of_part="{part} is empty.",
            variants={WORN: "{part} is at the end of its life."},
            severity="critical",
            advice={
                "anyone": "If a new cartridge lies at hand and you know how, put it in; else report it.",
                "technician": "A technician has to bring a new one. Use another printer until then.",
            },
            parts="supplies",
            category="supplies",
            ordered_for="empty",
            used_up=True,
            several=True,
            stronger=(SUPPLY_MISSING,),
        ),
        Condition(
            code=WASTE_FULL,
            of_printer="The waste container is full.",
            of_part="{part} is full.",
            severity="critical",
            advice={
                "technician": "A technician has to change the container. Use another printer until then.",
            },
            parts="supplies",
            category="supplies",
            ordered_for="full",
            used_up=True,
            several=True,
            stronger=(SUPPLY_MISSING,),
        ),
        Condition(
            code=SUPPLY_MISSING,
            of_printer="A cartridge or another supply is missing.",
            of_part="{part} is missing.",
            advice={
                "anyone": "Check that every cartridge sits firmly and that the door is closed.",
                "technician": "A technician has to look at its cartridges. Use another printer until then.",
            },
            parts="supplies",
            category="supplies",
            ordered_for="missing",
        ),
        Condition(
            code=SUPPLY_LOW,
            of_printer="Toner or ink is low.",
            of_part="{part} is low.",
            variants={WORN: "{part} is near the end of its life."},
            severity="warning",  # by alerts; critical by its level at SUPPLY_CRITICAL_PERCENT
            advice={
                "anyone": "It still prints. Have a new one ready.",
                "technician": "It still prints. A technician brings a new one before it runs out.",
            },
            parts="supplies",
            category="supplies",
            ordered_for="low",
            several=True,
            stronger=(SUPPLY_EMPTY, SUPPLY_MISSING),
            same_as=(SUPPLY_EMPTY,),
        ),
        Condition(
            code=WASTE_NEARLY_FULL,
            of_printer="The waste container is nearly full.",
            of_part="{part} is nearly full.",
            severity="warning",
            advice={
                "technician": "It still prints. A technician changes the container before it is full.",
            },
            parts="supplies",
            category="supplies",
            ordered_for="nearly full",
            several=True,
            stronger=(WASTE_FULL, SUPPLY_MISSING),
            same_as=(WASTE_FULL,),
        ),
        Condition(
            code=MAINTENANCE_DUE,
            of_printer="Maintenance is due.",
            before_alert="Maintenance is due: ",
            advice={"technician": "It still prints. A technician plans the maintenance."},
            several=True,
        ),
        Condition(
            code=SERVICE_REQUESTED,
            of_printer="The printer asks for service.",
            before_alert="Service is needed: ",
            reported="Service is needed: {words}.",
            fixer="vendor",
        ),
        Condition(
            code=OFFLINE,
            of_printer="The printer has been taken offline.",
            variants={DOWN: "The printer says that it is down, and not why."},
            advice={
                "anyone": "It was taken offline at its panel: press Online or Ready there.",
                "technician": "It has been taken offline. If its panel offers Online or Ready, press it;"
                " else report it.",
            },
            category="offline",
        ),
        # Faults that none of the others covers: they say what the printer says.
        Condition(
            code=ALERT_CRITICAL,
            of_printer="The printer reports a fault.",
            reported="The printer reports: {words}.",
            severity="critical",
            stops=True,
        ),
        Condition(
            code=ALERT_WARNING,
            of_printer="The printer reports a warning.",
            reported="The printer reports: {words}.",
            severity="warning",
            advice={
                "technician": "Its panel says what it needs. If it prints, you need not do anything.",
            },
            stronger=(ALERT_CRITICAL,),
        ),
        Condition(
            code=UNREACHABLE,
            of_printer="The printer does not answer.",
            severity="critical",
            advice={
                "technician": "Check that it is switched on and that its network cable is plugged in."
                " If it seems fine, a technician has to look.",
            },
            stops=True,
            category="offline",
        ),
        Condition(
            code=DEVICE_CHANGED,
            of_printer="Another device answers at this address: its serial number is another.",
            variants={
                OTHER_MODEL: "Another device answers at this address: {model} instead of {model_before}.",
            },
            severity="info",
            advice={
                "technician": "It prints. If it was exchanged on purpose, a technician can confirm the new"
                " device.",
            },
        ),
        Condition(
            code=CLOCK_SKEW,
            of_printer="The clock of the collector that asks this printer is more than 5 minutes ahead.",
            severity="info",
            advice={
                "technician": "It prints. An administrator has to set the clock of the machine that reads"
                " it.",
            },
        ),
        Condition(
            code=CLOCK_SET_BACK,
            of_printer="The clock of this system was ahead and has been set back; times noted meanwhile are"
            " not believed.",
            severity="info",
            advice={"technician": "It prints. This note disappears after a day."},
        ),
        Condition(
            code=NOT_A_PRINTER,
            of_printer="This is a computer that lists its print queues, not a printer.",
            severity="info",
            advice={
                "technician": "Nothing is wrong with it. An administrator can take it out of the inventory.",
            },
        ),
    )
}

_GENERIC_ADVICE: Final[Mapping[str, str]] = {
    "anyone": "Its panel says what to do.",
    "technician": "A technician has to look at it. Please use another printer until then.",
    "vendor": "The vendor's service has to come. Please use another printer until then.",
}
_PRINTS: Final = ("It still prints. ", "It prints. ")

ORDERED_FOR: Final[Mapping[str, str]] = {
    code: one.ordered_for for code, one in CONDITIONS.items() if one.ordered_for
}
"""Codes that call for a part, the most urgent first: what is wrong with the old one."""
SUPPLY_CODES: Final = frozenset(code for code, one in CONDITIONS.items() if one.parts == "supplies")
"""Codes whose subject is a row of the supplies."""
USED_UP: Final = frozenset(code for code, one in CONDITIONS.items() if one.used_up)
"""Codes that say that nothing is left of a supply, or no room."""


def severity_of(code: str) -> Severity:
    """Return the severity of a condition that always has the same; "warning" of any other."""
    return CONDITIONS[code].severity or "warning"


def fixer_of(code: str) -> Fixer:
    """Return who can fix it where the printer does not say."""
    return CONDITIONS[code].fixer if code in CONDITIONS else "technician"


def category_of(code: str) -> str:
    """Return the category of an issue about it."""
    return (CONDITIONS[code].category if code in CONDITIONS else "") or "other"


def parts_of(code: str) -> PartTable:
    """Return which table of PrinterState has the parts that a condition is about; "" where it names none."""
    return CONDITIONS[code].parts if code in CONDITIONS else ""


def advice(code: str, fixer: str, *, prints: bool = True) -> str:
    """Return what whoever stands before the printer can do about a flag, in one or two sentences.

    That it prints is not said of a printer that does not, whatever else is wrong with it.
    """
    known = CONDITIONS[code].advice if code in CONDITIONS else {}
    said = known.get(fixer) or _GENERIC_ADVICE.get(fixer, _GENERIC_ADVICE["technician"])
    if not prints:
        for beginning in _PRINTS:
            said = said.removeprefix(beginning)
    return said


def sentence(code: str, parameters: Mapping[str, str]) -> str:
    """Return what a flag says, with its full stop; "" for a code that is not known here."""
    condition = CONDITIONS.get(code)
    if condition is None:
        return ""
    return " ".join(_sentence(condition, report) for report in reports_in(parameters))


def flag_sentence(code: str, parameters: Mapping[str, str] | None, message: str) -> str:
    """Return what a stored flag says now; its own message where it has no parameters, or an unknown code."""
    return (sentence(code, parameters) if parameters is not None else "") or message


def in_words_of_now(flag: Attention) -> Attention:
    """Return a stored flag with the sentence that it has now."""
    message = flag_sentence(flag.code, flag.parameters, flag.message)
    return flag if message == flag.message else flag.model_copy(update={"message": message})


def of_part(part: str | None) -> dict[str, str]:
    """Return the parameters that name a part; none where there is no name."""
    return {"part": part} if part else {}


def _sentence(condition: Condition, parameters: Mapping[str, str]) -> str:
    words = parameters.get("words", "")
    if "alert" in parameters:
        said = alert_sentence(parameters)
        said = condition.before_alert + after_colon(said) if condition.before_alert else said
        if words and condition.reported:
            return f"{said.removesuffix('.')} ({words})."
    elif words and condition.reported:
        return condition.reported.format(words=words)
    else:
        template = condition.variants.get(parameters.get("variant", ""))
        template = template or (parameters.get("part") and condition.of_part) or condition.of_printer
        said = template.format_map(defaultdict(str, parameters))
    if "percent" in parameters:
        said = f"{said.removesuffix('.')} ({parameters['percent']} %)."
    return f"{said.removesuffix('.')}: {words}." if words else said
