"""What `printers check` finds, for tests."""

import json
from collections.abc import Mapping

from tests.console.cli import printers


def findings(env: Mapping[str, str] | None = None) -> dict[str, list[dict[str, str]]]:
    """By subject."""
    said = printers("check", "--json", env=env)
    content = json.loads(said.stdout)
    found: dict[str, list[dict[str, str]]] = {}
    for finding in content["findings"]:
        found.setdefault(finding["subject"], []).append(finding)
    assert said.exit_code == (1 if content["errors"] else 0)
    for each in content["findings"]:
        assert (each["level"] == "ok") == (not each["mend"]), "what is wrong says how to mend it"
    return found


def levels(found: Mapping[str, list[dict[str, str]]], subject: str) -> list[str]:
    return [finding["level"] for finding in found[subject]]


def said(found: Mapping[str, list[dict[str, str]]], subject: str) -> str:
    return " ".join(f"{finding['text']} {finding['mend']}" for finding in found[subject])
