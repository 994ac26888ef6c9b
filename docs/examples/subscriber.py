"""Listen to printers from another program: one line for each flag that comes or goes. Needs paho-mqtt.

python subscriber.py HOST PORT USER PASSWORD
"""

# ruff: noqa: T201 (what it prints is what it is for)
import json
import sys
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion


def connected(client: mqtt.Client, *_: Any) -> None:
    """Subscribe on every connect: what is retained comes at once, so nothing is missed."""
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


def main(host: str, port: str, user: str, password: str) -> None:
    """Until Ctrl-C."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, userdata={})
    client.username_pw_set(user, password)
    client.on_connect = connected
    client.on_message = received
    client.connect(host, int(port))
    client.loop_forever()


if __name__ == "__main__":
    main(*sys.argv[1:5])
