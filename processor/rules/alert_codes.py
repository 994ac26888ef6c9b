"""Map each prtAlertCode to a flag, to nothing wrong, or to a fault without a flag of its own.

The texts of alerts are localised; they decide only where the code says nothing.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from core.contract.messages import Alert
from core.domain.conditions import (
    DOOR_OPEN,
    JAM,
    MAINTENANCE_DUE,
    MEDIA_REQUESTED,
    NO_PAPER,
    OFFLINE,
    OUTPUT_FULL,
    OUTPUT_NEARLY_FULL,
    OUTPUT_TRAY_MISSING,
    PAPER_LOW,
    SUPPLY_EMPTY,
    SUPPLY_LOW,
    SUPPLY_MISSING,
    TRAY_MISSING,
    WASTE_FULL,
    WASTE_NEARLY_FULL,
)
from processor.decode.device_words import names_sleep

FAULT = "alert"
"""A fault that none of our own codes covers: `alert_critical` or `alert_warning`."""

FLAGS: Final[Mapping[str, str]] = {
    "jam": JAM,
    "cover_open": DOOR_OPEN,
    "interlock_open": DOOR_OPEN,
    "door_open": DOOR_OPEN,
    "input_media_tray_missing": TRAY_MISSING,
    "media_path_media_tray_missing": TRAY_MISSING,
    "input_media_supply_low": PAPER_LOW,
    "input_media_supply_empty": NO_PAPER,
    "output_media_tray_missing": OUTPUT_TRAY_MISSING,
    "output_media_tray_almost_full": OUTPUT_NEARLY_FULL,
    "output_media_tray_full": OUTPUT_FULL,
    "media_path_media_tray_almost_full": OUTPUT_NEARLY_FULL,
    "media_path_media_tray_full": OUTPUT_FULL,
    "marker_toner_empty": SUPPLY_EMPTY,
    "marker_ink_empty": SUPPLY_EMPTY,
    "marker_print_ribbon_empty": SUPPLY_EMPTY,
    "marker_developer_empty": SUPPLY_EMPTY,
    "marker_opc_life_over": SUPPLY_EMPTY,
    "marker_toner_almost_empty": SUPPLY_LOW,
    "marker_ink_almost_empty": SUPPLY_LOW,
    "marker_print_ribbon_almost_empty": SUPPLY_LOW,
    "marker_developer_almost_empty": SUPPLY_LOW,
    "marker_opc_life_almost_over": SUPPLY_LOW,
    "marker_waste_toner_receptacle_almost_full": WASTE_NEARLY_FULL,
    "marker_waste_ink_receptacle_almost_full": WASTE_NEARLY_FULL,
    "marker_waste_toner_receptacle_full": WASTE_FULL,
    "marker_waste_ink_receptacle_full": WASTE_FULL,
    "marker_toner_cartridge_missing": SUPPLY_MISSING,
    # What a person is asked for is no fault.
    "input_media_change_request": MEDIA_REQUESTED,
    "input_manual_input_request": MEDIA_REQUESTED,
}

# Codes of any sub-unit: what they mean depends on the group; "" stands for every other group.
BY_GROUP: Final[Mapping[str, Mapping[str, str]]] = {
    "subunit_missing": {
        "input": TRAY_MISSING,
        "output": OUTPUT_TRAY_MISSING,
        "marker_supplies": SUPPLY_MISSING,
        "cover": DOOR_OPEN,
        "": FAULT,
    },
    "subunit_opened": {"input": TRAY_MISSING, "": DOOR_OPEN},
    "subunit_life_almost_over": {"marker_supplies": SUPPLY_LOW, "": MAINTENANCE_DUE},
    "subunit_near_limit": {"marker_supplies": SUPPLY_LOW, "": MAINTENANCE_DUE},
    "subunit_life_over": {"marker_supplies": SUPPLY_EMPTY, "": MAINTENANCE_DUE},
    "subunit_at_limit": {"marker_supplies": SUPPLY_EMPTY, "": MAINTENANCE_DUE},
    "subunit_almost_empty": {
        "input": PAPER_LOW,
        "marker_supplies": SUPPLY_LOW,
        "marker": SUPPLY_LOW,
        "marker_colorant": SUPPLY_LOW,
        "": FAULT,
    },
    "subunit_empty": {
        "input": NO_PAPER,
        "marker_supplies": SUPPLY_EMPTY,
        "marker": SUPPLY_EMPTY,
        "marker_colorant": SUPPLY_EMPTY,
        "": FAULT,
    },
    "subunit_almost_full": {
        "output": OUTPUT_NEARLY_FULL,
        "media_path": OUTPUT_NEARLY_FULL,
        "marker_supplies": WASTE_NEARLY_FULL,
        "marker": WASTE_NEARLY_FULL,
        "": FAULT,
    },
    "subunit_full": {
        "output": OUTPUT_FULL,
        "media_path": OUTPUT_FULL,
        "marker_supplies": WASTE_FULL,
        "marker": WASTE_FULL,
        "": FAULT,
    },
    "subunit_offline": {"general_printer": OFFLINE, "": FAULT},
}

NO_FAULT: Final = frozenset(
    {
        "cover_closed",
        "interlock_closed",
        "configuration_change",
        "subunit_closed",
        "subunit_turned_on",
        "subunit_turned_off",
        "subunit_power_saver",
        "subunit_warming_up",
        "subunit_added",
        "subunit_removed",
        "subunit_resource_added",
        "subunit_resource_removed",
        "door_closed",
        "power_up",
        "power_down",
        "printer_nms_reset",
        "printer_manual_reset",
        "printer_ready_to_print",
        "input_media_size_change",
        "input_media_weight_change",
        "input_media_type_change",
        "input_media_color_change",
        "input_media_form_parts_change",
        "marker_adjusting_print_quality",
        "interpreter_memory_increase",
        "interpreter_memory_decrease",
        "interpreter_cartridge_added",
        "interpreter_cartridge_deleted",
        "interpreter_resource_added",
        "interpreter_resource_deleted",
        "alert_removal_of_binary_change_entry",
    }
)

# A failure of the machine itself: the vendor's, and what a request for service is about.
FAILURES: Final = frozenset(
    {
        "subunit_unrecoverable_failure",
        "subunit_unrecoverable_storage_error",
        "subunit_motor_failure",
        "subunit_under_temperature",
        "subunit_over_temperature",
        "subunit_timing_failure",
        "subunit_thermistor_failure",
        "marker_fuser_under_temperature",
        "marker_fuser_over_temperature",
        "marker_fuser_timing_failure",
        "marker_fuser_thermistor_failure",
    }
)

# What a device that works passes through: its rows are faults only of a device that says it suffers.
_PASSING: Final = frozenset(
    {
        "subunit_recoverable_failure",
        "subunit_recoverable_storage_error",
        "subunit_memory_exhausted",
        "interpreter_resource_unavailable",
        "interpreter_complex_page_encountered",
    }
)
_DEPENDENT: Final = FAILURES | _PASSING
_COLD: Final = frozenset({"subunit_under_temperature", "marker_fuser_under_temperature"})
"""The fuser of a printer that sleeps is cold, and that is how it saves power."""

_QUIET: Final = re.compile(
    r"\W*(?:ready(?: to print)?|online|idle|printing|copying|processing|receiving(?: data)?|initiali[sz]ing|"
    r"calibrating|please wait|warming.?up|deleted|bereit|druckt|druckbereit|aufw.rmen|bitte warten|pr.te?|"
    r"imprimante pr.te|listo|lista|pronto|pronta)\W*",
    re.IGNORECASE,
)
_TEXTS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), flag)
    for pattern, flag in (
        (r"\bjam(?:med)?\b|papierstau|bourrage|inceppament|\batasco|atascad|encravad|papierstoring", JAM),
        (r"\b(?:waste|rest-?toner)\w*\b.*\b(?:(?:almost|near\w*)\s+full|fast voll)", WASTE_NEARLY_FULL),
        (r"\b(?:waste|rest-?toner)\w*\b.*\b(?:full|voll)\b", WASTE_FULL),
        (r"\b(?:cover|door)s?\b.*\bopen|\bclose\b.*\b(?:cover|door)", DOOR_OPEN),
        (r"(?:abdeckung|klappe|t.r)\b.*(?:offen|ge.ffnet|schlie.en)", DOOR_OPEN),
        (r"\b(?:toner|ink|cartridge)\b.*\b(?:low|almost empty|near(?:ly)? empty)\b", SUPPLY_LOW),
        (r"\blow\b.*\b(?:toner|ink|cartridge)\b|(?:toner|encre)\b.*\b(?:faible|bas)\b", SUPPLY_LOW),
        (r"(?:toner|tinte)\w*\b.*\b(?:niedrig|fast leer|gering)|\b(?:niedrig|wenig)\b.*toner", SUPPLY_LOW),
        (r"\b(?:toner|ink|cartridge)\b.*\bempty\b|\breplace (?:\w+ )?toner\b", SUPPLY_EMPTY),
        (r"(?:toner|tinte)\w*\b.*\bleer\b", SUPPLY_EMPTY),
        (r"\b(?:paper|tray)\b.*\blow\b", PAPER_LOW),
        (r"\b(?:no|out of|add|load) paper\b|\b(?:paper|tray)\b.*\bempty\b", NO_PAPER),
        (r"kein papier|papier (?:einlegen|nachf.llen|leer)|(?:fach|kassette)\b.*\bleer\b", NO_PAPER),
        (r"plus de papier|\bbac\b.*\bvide\b|sin papel|falta papel|sem papel|carta esaurita", NO_PAPER),
    )
)


def says_asleep(alert: Alert) -> bool:
    """Return whether the row says that the printer is in a low-power state."""
    if alert.code == "subunit_power_saver":
        return True
    return says_nothing(alert.code) and names_sleep(alert.description or "")


def is_bookkeeping(alert: Alert, device_status: str | None, errors: Sequence[str], *, resting: bool) -> bool:
    """Return whether the device's own status says that a row is no fault.

    Agents keep rows about failures when all is well (Kyocera: 1001 as a warning of a device that sleeps).
    Critical rows, those of a device that is not running or asks for service, and failures that the printer
    puts into words are faults. `resting` is a device that is asleep or warming up.
    """
    code = alert.code or ""
    if alert.severity == "critical":
        return False
    if code == "subunit_offline" and alert.group == "general_printer":
        return device_status == "running" and "offline" not in errors
    if code not in _DEPENDENT:
        return False
    suffers = device_status == "down" or "service_requested" in errors
    if code in _COLD:
        return not suffers and (device_status == "running" or resting)
    return not suffers and device_status == "running" and not _is_worded(alert.description)


def _is_worded(text: str | None) -> bool:
    return bool(text) and not names_sleep(text or "") and not _QUIET.fullmatch(text or "")


def meaning_of(alert: Alert) -> str | None:
    """Return the code of a flag, FAULT for one without a flag of its own, None where nothing is wrong."""
    code = alert.code or ""
    if code in NO_FAULT:
        return None
    if code in FLAGS:
        return FLAGS[code]
    if code in BY_GROUP:
        groups = BY_GROUP[code]
        return groups.get(alert.group or "", groups[""])
    return _meaning_of_text(alert) if says_nothing(alert.code) else FAULT


def says_nothing(code: str | None) -> bool:
    """Return whether a code leaves it to the text: other, unknown, or none that the list has."""
    return code is None or code in ("other", "unknown") or code.startswith("code_")


def _meaning_of_text(alert: Alert) -> str | None:
    critical, text = alert.severity == "critical", alert.description or ""
    if not critical and alert.severity not in ("warning", "warning_binary_change_event"):
        return None
    if not critical and not _is_worded(text):
        return None
    if not critical and alert.training_level == "no_intervention_required":
        return None
    return flag_of_text(text) or FAULT


@lru_cache(maxsize=1024)
def flag_of_text(text: str) -> str | None:
    """Return the code of the flag that a text is about; None where it is about none that is known."""
    return next((flag for pattern, flag in _TEXTS if pattern.search(text)), None)
