"""Derive the state by RFC 3805's table of hrDeviceStatus, hrPrinterStatus and error bits."""

from core.contract.messages import State
from processor.decode.device_words import names_sleep
from processor.decode.reading import DecodedReading
from processor.rules.alert_codes import says_asleep


def status_state(decoded: DecodedReading) -> State:
    """Return the state by the statuses, the low-power alerts and a panel that says it sleeps."""
    asleep = any(says_asleep(alert) for alert in decoded.alerts) or names_sleep(decoded.console_text or "")
    if decoded.printer_status == "warmup":
        return "warming_up"
    if decoded.device_status == "down":
        return "asleep" if asleep and set(decoded.detected_errors) <= {"offline"} else "stopped"
    if decoded.printer_status == "printing":
        return "printing"
    return "asleep" if asleep else _resting_state(decoded)


def _resting_state(decoded: DecodedReading) -> State:
    if decoded.printer_status == "idle":
        return "idle"
    if any(alert.code == "subunit_warming_up" for alert in decoded.alerts):
        return "warming_up"
    # other(1) is no error: of a running device it is standby. Warning and other(1) is in no row of the table.
    standby = decoded.printer_status == "other" and decoded.device_status == "running"
    return "asleep" if standby else "unknown"


def state_of(decoded: DecodedReading, stopped: bool) -> State:
    """Return the state; `stopped` when something is found that keeps the printer from printing."""
    state = status_state(decoded)
    return "stopped" if stopped and state in ("idle", "asleep", "unknown") else state
