"""Listen to printers from another program: one line for each flag that comes or goes. Needs paho-mqtt.

python subscriber.py HOST PORT USER PASSWORD
"""

# ruff: noqa: T201 (what it prints is what it is for)
import json
import sys
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

REFUSED: list[str] = []
"""Why the broker did not let us in; a wrong password does not become right by trying again."""


def connected(client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
    """Subscribe on every connect: what is retained comes at once, so nothing is missed."""
    if reason.is_failure:
        REFUSED.append(str(reason))
        client.disconnect()
    else:
        client.subscribe("printers/+/attention", qos=1)


def received(_client: mqtt.Client, known: dict[str, dict[str, str]], message: mqtt.MQTTMessage) -> None:
    """Compare the printer's flags with those of before; an empty payload: it is watched no longer."""
    printer_id = message.topic.split("/")[-2]
    flags = json.loads(message.payload)["attention"] if message.payload else []
    now = {f"{flag['code']} {flag['subject']}": f"{flag['severity']}: {flag['message']}" for flag in flags}
    before = known.get(printer_id, {})
    for key in sorted(now.keys() - before.keys()):
        print(f"{printer_id} + {now[key]}", flush=True)
    for key in sorted(before.keys() - now.keys()):
        print(f"{printer_id} - {before[key]}", flush=True)
    known[printer_id] = now


def main(host: str, port: str, user: str, password: str) -> str:
    """Listen until Ctrl-C, or until the broker refuses; return why it did."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, userdata={})
    client.username_pw_set(user, password)
    client.on_connect = connected
    client.on_message = received
    try:
        client.connect(host, int(port))
        client.loop_forever()
    except OSError as error:
        return f"the broker at {host}:{port} cannot be reached: {error.strerror or error}"
    except KeyboardInterrupt:
        return ""
    return f"the broker at {host}:{port} refuses user {user}: {REFUSED[0]}" if REFUSED else ""


if __name__ == "__main__":
    if len(sys.argv) != 5:  # noqa: PLR2004 (the program and what the first lines name)
        sys.exit("usage: python subscriber.py HOST PORT USER PASSWORD")
    sys.exit(main(*sys.argv[1:5]) or 0)
