"""What the printer is doing, by RFC 3805's table of hrDeviceStatus, hrPrinterStatus and error bits."""

from fleet.messages import State
from processor.decode.picture import Picture
from processor.rules.alert_codes import says_asleep
from processor.rules.paper import OPERATING


def status_state(picture: Picture) -> State:
    """The state by the statuses and the low-power alerts alone."""
    asleep = any(says_asleep(alert) for alert in picture.alerts)
    if picture.printer_status == "warmup":
        return "warming_up"
    if picture.device_status == "down":
        return "asleep" if asleep and set(picture.detected_errors) <= {"offline"} else "stopped"
    if picture.printer_status == "printing":
        return "printing"
    return "asleep" if asleep else _resting_state(picture)


def _resting_state(picture: Picture) -> State:
    if picture.printer_status == "idle":
        return "idle"
    if any(alert.code == "subunit_warming_up" for alert in picture.alerts):
        return "warming_up"
    # other(1) is no error: of a running device it is standby.
    standby = picture.printer_status == "other" and picture.device_status in OPERATING
    return "asleep" if standby else "unknown"


def state_of(picture: Picture, stopped: bool) -> State:
    """The state; `stopped` when something is found that keeps the printer from printing."""
    state = status_state(picture)
    return "stopped" if stopped and state in ("idle", "asleep", "unknown") else state
