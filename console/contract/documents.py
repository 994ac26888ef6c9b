"""The contract as documents: JSON Schemas of the messages and one AsyncAPI 3 document; pure."""

import json
import re
import sys
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from core.contract import messages
from core.contract.topics import TOPICS, Topic
from core.runtime.settings_doc import comments

VERSION: Final = "2.5.0"
"""The first number is the messages' `schema_version`; the second rises with each topic or field added."""

Document = dict[str, Any]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_LEVELS: Final[Mapping[str, str]] = {
    "printer_id": "The printer's id: lowercase letters, digits, `.`, `_`, `-`, at most 64 characters. "
    "In the topic of issues `$outage` for that of an outage, which is about many.",
    "site": "The site, written like a printer's id; `main` where there is one alone.",
    "chunk": "The number of this part, from 0.",
    "service": "collector, processor, notifier or dashboard.",
    "instance": "One of possibly several processes of the service.",
}
_PROMISES: Final = (
    "What services of a printer fleet say to each other, and what other systems can listen to. "
    "Plain MQTT 3.1.1, QoS 1: a message may come twice and says the same twice. An empty payload on a "
    "retained topic means that its printer is watched no longer. Fields that are not known here are to be "
    "ignored, and values that are not in an enumeration are to be taken as unknown: both come with a higher "
    "second number of the version. null means not reported."
)


def schemas() -> dict[str, Document]:
    """Return a JSON Schema of its own for each kind of message, by name."""
    return {model.__name__: _standing_alone(model) for model in _payloads()}


def asyncapi(prefix: str) -> Document:
    """Return all topics under MQTT_TOPIC_PREFIX and their messages, as one document."""
    payloads = _payloads()
    _, found = models_json_schema(
        [(model, "validation") for model in payloads], ref_template="#/components/schemas/{model}"
    )
    shapes = {name: _tidy(shape, name) for name, shape in found["$defs"].items()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Printer System", "version": VERSION, "description": _PROMISES},
        "defaultContentType": "application/json",
        "channels": {_key(topic): _channel(topic, prefix) for topic in TOPICS},
        "operations": {name: operation for topic in TOPICS for name, operation in _operations(topic)},
        "components": {
            "messages": {model.__name__: _message(model) for model in payloads},
            "schemas": shapes,
        },
    }


def files(prefix: str) -> dict[str, str]:
    """Return what is written: the text of each file by its path in the folder."""
    found = {"asyncapi.json": asyncapi(prefix)}
    found |= {f"schemas/{name}.json": schema for name, schema in schemas().items()}
    return {
        path: json.dumps(document, indent=2, ensure_ascii=False) + "\n" for path, document in found.items()
    }


def _payloads() -> list[type[messages.Message]]:
    return list(dict.fromkeys(topic.payload for topic in TOPICS))


def _classes() -> dict[str, type[BaseModel]]:
    """Return messages and their parts, by name."""
    modules = {sys.modules[payload.__module__] for payload in _payloads()}
    found = {name: value for module in modules for name, value in vars(module).items()}
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, type) and issubclass(value, BaseModel)
    }


def _standing_alone(model: type[messages.Message]) -> Document:
    schema = _tidy(model.model_json_schema(), model.__name__)
    schema["$defs"] = {name: _tidy(part, name) for name, part in schema.pop("$defs", {}).items()}
    if not schema["$defs"]:
        del schema["$defs"]
    name = f"urn:printer-system:contract:{messages.SCHEMA_VERSION}:{model.__name__}"
    return {"$schema": _DIALECT, "$id": name, **schema}


def _tidy(schema: Document, name: str) -> Document:
    """Return the schema in the words of the source, without titles that repeat the names of the fields."""
    model = _classes().get(name)
    words = comments(model) if model else {}
    fields = {
        field: {**({"description": words[field]} if field in words else {}), **_untitled(shape)}
        for field, shape in schema.get("properties", {}).items()
    }
    if "schema_version" in fields:
        fields["schema_version"] |= {"minimum": 1, "maximum": messages.SCHEMA_VERSION}
    return {**schema, "properties": fields}


def _untitled(shape: Document) -> Document:
    return {name: value for name, value in shape.items() if name != "title"}


def _key(topic: Topic) -> str:
    """Return the channel's name: `reading`, `sites_inventory`, `services`."""
    fixed = [level.lstrip("$") for level in topic.pattern.split("/") if not level.startswith("{")]
    return "_".join(fixed)


def _channel(topic: Topic, prefix: str) -> Document:
    levels = re.findall(r"{(\w+)}", topic.pattern)
    parameters = {level: {"description": _LEVELS.get(level, level)} for level in levels}
    name = topic.payload.__name__
    return {
        "address": f"{prefix}/{topic.pattern}",
        "description": f"{topic.purpose[:1].upper()}{topic.purpose[1:]}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        **({"parameters": parameters} if parameters else {}),
        "x-published-by": list(topic.publishers),
    }


def _operations(topic: Topic) -> list[tuple[str, Document]]:
    """Return the operations: `send`: this system publishes it; `receive`: other systems may."""
    actions = [("send", "publish")] if set(topic.publishers) - {"others"} else []
    actions += [("receive", "accept")] if "others" in topic.publishers else []
    operation = {
        "channel": {"$ref": f"#/channels/{_key(topic)}"},
        "messages": [{"$ref": f"#/channels/{_key(topic)}/messages/{topic.payload.__name__}"}],
        "bindings": {"mqtt": {"qos": topic.qos, "retain": topic.retain, "bindingVersion": "0.2.0"}},
    }
    return [(f"{verb}_{_key(topic)}", {"action": action, **operation}) for action, verb in actions]


def _message(model: type[messages.Message]) -> Document:
    name = model.__name__
    return {
        "name": name,
        "contentType": "application/json",
        "summary": (model.__doc__ or name).split("\n")[0],
        "payload": {"$ref": f"#/components/schemas/{name}"},
    }
