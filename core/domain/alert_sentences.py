"""Sentences in plain English for each prtAlertCode, about the part of the printer that the row names.

The whole IANA list, those that are no faults included. {Part} and {part} are the row that the alert points
at, or what its group stands for, at the beginning and inside of a sentence.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from core.contract.messages import Alert


class NamedPart(NamedTuple):
    """A part of the printer as a sentence calls it, at its beginning and inside."""

    first: str
    inside: str


# What prtAlertGroup stands for.
_GROUPS: Final[Mapping[str, NamedPart]] = {
    "other": NamedPart("A part of the printer", "the printer"),
    "host_resources_mib_storage_table": NamedPart("The storage of the printer", "the printer's storage"),
    "host_resources_mib_device_table": NamedPart("A built-in device of the printer", "a built-in device"),
    "general_printer": NamedPart("A part of the printer", "the printer"),
    "cover": NamedPart("A cover", "a cover"),
    "localization": NamedPart("A language setting", "a language setting"),
    "input": NamedPart("A paper tray", "a paper tray"),
    "output": NamedPart("An output tray", "an output tray"),
    "marker": NamedPart("The print engine", "the print engine"),
    "marker_supplies": NamedPart("A supply", "a supply"),
    "marker_colorant": NamedPart("A toner or ink", "a toner or ink"),
    "media_path": NamedPart("The paper path", "the paper path"),
    "channel": NamedPart("A data connection of the printer", "a data connection"),
    "interpreter": NamedPart("The reader of print data", "the reader of print data"),
    "console_display_buffer": NamedPart("The display of the panel", "the panel's display"),
    "console_lights": NamedPart("A light of the panel", "the panel's lights"),
    "alert": NamedPart("The printer's list of alerts", "the list of alerts"),
    "fin_device": NamedPart("The finisher", "the finisher"),
    "fin_supply": NamedPart("A supply of the finisher", "a supply of the finisher"),
    "fin_supply_media_input": NamedPart(
        "An inserter tray of the finisher", "an inserter tray of the finisher"
    ),
    "fin_attribute": NamedPart("The finisher", "the finisher"),
}
_ARTICLE: Final = re.compile(r"^(?:An?|The) ")
_PRINTER: Final = NamedPart("The printer", "the printer")
# Of the printer as a whole, where the group is no part of it.
_OF_THE_WHOLE: Final = frozenset(
    {
        "other",
        "unknown",
        "configuration_change",
        "subunit_turned_on",
        "subunit_turned_off",
        "subunit_offline",
        "subunit_power_saver",
        "subunit_warming_up",
        "subunit_resource_added",
        "subunit_resource_removed",
        "subunit_recoverable_failure",
        "subunit_memory_exhausted",
    }
)
# What the name of a code says of the part, where the group says nothing.
_GROUP_OF_PREFIX: Final[Mapping[str, str]] = {
    "cover_": "cover",
    "interlock_": "cover",
    "door_": "cover",
    "input_": "input",
    "output_": "output",
    "media_path_": "media_path",
    "marker_": "marker",
    "interpreter_": "interpreter",
}

SENTENCES: Final[Mapping[str, str]] = {
    "other": "{Part} reports a fault and does not name it.",
    "unknown": "{Part} reports a fault that it does not know.",
    "cover_open": "{Part} is open.",
    "cover_closed": "{Part} is closed.",
    "interlock_open": "{Part} is open or not closed firmly.",
    "interlock_closed": "{Part} is closed firmly.",
    "configuration_change": "The configuration of {part} has changed.",
    "jam": "Paper is jammed.",
    "subunit_missing": "{Part} is missing.",
    "subunit_life_almost_over": "{Part} is near the end of its life.",
    "subunit_life_over": "{Part} is at the end of its life.",
    "subunit_almost_empty": "{Part} is nearly empty.",
    "subunit_empty": "{Part} is empty.",
    "subunit_almost_full": "{Part} is nearly full.",
    "subunit_full": "{Part} is full.",
    "subunit_near_limit": "{Part} is close to the limit of its use.",
    "subunit_at_limit": "{Part} has reached the limit of its use.",
    "subunit_opened": "{Part} is open.",
    "subunit_closed": "{Part} is closed.",
    "subunit_turned_on": "{Part} has been turned on.",
    "subunit_turned_off": "{Part} has been turned off.",
    "subunit_offline": "{Part} has been taken offline.",
    "subunit_power_saver": "{Part} is saving power.",
    "subunit_warming_up": "{Part} is warming up.",
    "subunit_added": "{Part} has been added.",
    "subunit_removed": "{Part} has been removed.",
    "subunit_resource_added": "A font, form or other resource has been added to {part}.",
    "subunit_resource_removed": "A font, form or other resource has been removed from {part}.",
    "subunit_recoverable_failure": "{Part} has had a failure that it can recover from.",
    "subunit_unrecoverable_failure": "{Part} has failed and has to be repaired.",
    "subunit_recoverable_storage_error": "Data could not be stored in {part}; it can recover from that.",
    "subunit_unrecoverable_storage_error": "The storage in {part} has failed and has to be repaired.",
    "subunit_motor_failure": "A motor of {part} has failed.",
    "subunit_memory_exhausted": "{Part} has no memory left.",
    "subunit_under_temperature": "{Part} is too cold.",
    "subunit_over_temperature": "{Part} is too hot.",
    "subunit_timing_failure": "{Part} is out of step (a timing failure).",
    "subunit_thermistor_failure": "The temperature sensor of {part} has failed.",
    "door_open": "{Part} is open.",
    "door_closed": "{Part} is closed.",
    "power_up": "The printer has been switched on.",
    "power_down": "The printer is being switched off.",
    "printer_nms_reset": "The printer has been reset over the network.",
    "printer_manual_reset": "The printer has been reset by hand.",
    "printer_ready_to_print": "The printer is ready to print.",
    "input_media_tray_missing": "{Part} is missing or open.",
    "input_media_size_change": "The paper size of {part} has changed.",
    "input_media_weight_change": "The paper weight of {part} has changed.",
    "input_media_type_change": "The paper type of {part} has changed.",
    "input_media_color_change": "The paper color of {part} has changed.",
    "input_media_form_parts_change": "The number of form parts in {part} has changed.",
    "input_media_supply_low": "{Part} is low on paper.",
    "input_media_supply_empty": "{Part} is out of paper.",
    "input_media_change_request": "The printer asks for other paper.",
    "input_manual_input_request": "The printer asks for paper to be fed by hand.",
    "input_tray_position_failure": "{Part} cannot be moved into position.",
    "input_tray_elevation_failure": "{Part} cannot lift its paper.",
    "input_cannot_feed_size_selected": "{Part} cannot feed the paper size that was chosen.",
    "output_media_tray_missing": "{Part} is missing.",
    "output_media_tray_almost_full": "{Part} is nearly full.",
    "output_media_tray_full": "{Part} is full.",
    "output_mailbox_select_failure": "The sorter cannot reach the mailbox that was chosen.",
    "marker_fuser_under_temperature": "The fuser is too cold.",
    "marker_fuser_over_temperature": "The fuser is too hot.",
    "marker_fuser_timing_failure": "The fuser is out of step (a timing failure).",
    "marker_fuser_thermistor_failure": "The temperature sensor of the fuser has failed.",
    "marker_adjusting_print_quality": "The printer is adjusting its print quality.",
    "marker_toner_empty": "A toner is empty.",
    "marker_ink_empty": "An ink is empty.",
    "marker_print_ribbon_empty": "The print ribbon is used up.",
    "marker_toner_almost_empty": "A toner is low.",
    "marker_ink_almost_empty": "An ink is low.",
    "marker_print_ribbon_almost_empty": "The print ribbon is nearly used up.",
    "marker_waste_toner_receptacle_almost_full": "The waste toner container is nearly full.",
    "marker_waste_ink_receptacle_almost_full": "The waste ink container is nearly full.",
    "marker_waste_toner_receptacle_full": "The waste toner container is full.",
    "marker_waste_ink_receptacle_full": "The waste ink container is full.",
    "marker_opc_life_almost_over": "A drum is near the end of its life.",
    "marker_opc_life_over": "A drum is at the end of its life.",
    "marker_developer_almost_empty": "A developer is low.",
    "marker_developer_empty": "A developer is used up.",
    "marker_toner_cartridge_missing": "A toner cartridge is missing.",
    "media_path_media_tray_missing": "A tray of the paper path is missing or open.",
    "media_path_media_tray_almost_full": "A tray of the paper path is nearly full.",
    "media_path_media_tray_full": "A tray of the paper path is full.",
    "media_path_cannot_duplex_media_selected": "The chosen paper cannot be printed on both sides.",
    "interpreter_memory_increase": "The memory for print data has been extended.",
    "interpreter_memory_decrease": "The memory for print data has been reduced.",
    "interpreter_cartridge_added": "A font or language cartridge has been added.",
    "interpreter_cartridge_deleted": "A font or language cartridge has been removed.",
    "interpreter_resource_added": "A font, form or other resource has been added.",
    "interpreter_resource_deleted": "A font, form or other resource has been removed.",
    "interpreter_resource_unavailable": "A font, form or other resource that a print job needs is missing.",
    "interpreter_complex_page_encountered": "A page was too complex to be printed.",
    "alert_removal_of_binary_change_entry": "An earlier alert is over.",
}
# Where the name of the row belongs into the sentence.
_NAMED: Final[Mapping[str, str]] = {
    "input_media_change_request": "The printer asks for other paper in {part}.",
    "input_manual_input_request": "The printer asks for paper to be fed by hand into {part}.",
}
# Where a group says it better.
_BY_GROUP: Final[Mapping[tuple[str, str], str]] = {
    ("jam", "input"): "Paper is jammed at {part}.",
    ("jam", "output"): "Paper is jammed at {part}.",
    ("jam", "marker"): "Paper is jammed in the print engine.",
    ("jam", "fin_device"): "Paper is jammed in the finisher.",
    ("jam", "fin_attribute"): "Paper is jammed in the finisher.",
    ("jam", "fin_supply_media_input"): "Paper is jammed at {part}.",
    ("subunit_missing", "input"): "{Part} is missing or open.",
    ("subunit_opened", "input"): "{Part} is missing or open.",
    ("subunit_almost_empty", "input"): "{Part} is low on paper.",
    ("subunit_empty", "input"): "{Part} is out of paper.",
    ("subunit_almost_full", "marker_supplies"): "A waste container is nearly full.",
    ("subunit_almost_full", "marker"): "A waste container is nearly full.",
    ("subunit_full", "marker_supplies"): "A waste container is full.",
    ("subunit_full", "marker"): "A waste container is full.",
}


def alert_parameters(alert: Alert, name: str | None = None) -> dict[str, str]:
    """Return what alert_sentence() is made of; `name` is what the row that the alert points at is called."""
    code, row = alert.code or "other", alert.group_index or 0
    group = _group_of(code, alert.group or "")
    parameters = {"alert": code}
    if group:
        parameters["group"] = group
    if name:
        parameters["part"] = name
    elif _part_of(code, group, row) != _part_of(code, group, 0):
        parameters["row"] = str(row)
    return parameters


def alert_sentence(parameters: Mapping[str, str]) -> str:
    """Return what an alert's code says: `alert`, `group` and `row` by the MIB, `part` by its name."""
    code, group, name = parameters["alert"], parameters.get("group", ""), parameters.get("part")
    row = parameters.get("row", "")
    part = NamedPart(name, name) if name else _part_of(code, group, int(row) if row.isdecimal() else 0)
    template = (_NAMED.get(code) if name else None) or _BY_GROUP.get((code, group))
    template = template or SENTENCES.get(code) or _unlisted(code)
    return template.format(Part=part.first, part=part.inside)


def names_group(alert: Alert) -> bool:
    """Return whether the row says which part of the printer it is about."""
    return alert.group in _GROUPS and alert.group not in ("other", "general_printer")


def after_colon(sentence: str) -> str:
    """Return a sentence of SENTENCES as it continues another one."""
    return _ARTICLE.sub(lambda found: found[0].lower(), sentence)


def _group_of(code: str, group: str) -> str:
    if group not in ("", "other", "general_printer"):
        return group
    return next((of for prefix, of in _GROUP_OF_PREFIX.items() if code.startswith(prefix)), group)


def _part_of(code: str, group: str, row: int) -> NamedPart:
    if group in ("", "other", "general_printer") and (code in _OF_THE_WHOLE or code.startswith("code_")):
        return _PRINTER
    part = _GROUPS.get(group, _GROUPS["other"])
    # A single engine or paper path needs no number; the second of them does.
    if row > 1 and part.first.startswith("The "):
        return NamedPart(f"{part.first} {row}", f"{part.inside} {row}")
    return part


def _unlisted(code: str) -> str:
    """Return a code that the list does not have: code_40100."""
    return f"{{Part}} reports fault {code.removeprefix('code_')}, which has no standard meaning."
