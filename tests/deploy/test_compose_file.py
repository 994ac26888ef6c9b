"""docker-compose.yml: well-formed, closed by default, and every name in it exists."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from console.broker.access import USERS
from console.broker.limits import LARGEST_MESSAGE
from console.broker.mosquitto import configuration
from console.called import CALLED_AS_VARIABLE
from core.runtime.secret_files import secret_names
from core.runtime.settings_doc import BLOCKS
from tests.console.cli import printers
from tests.deploy.compose import FILE, OURS, compose
from tests.paths import ROOT

FILES = [FILE, *sorted((ROOT / "deploy").glob("compose.*.yml"))]
SERVICES: dict[str, dict[str, Any]] = compose()["services"]
SCHEMA = json.loads(Path(__file__).with_name("compose_schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_compose_file_is_well_formed(path: Path) -> None:
    Draft202012Validator(SCHEMA).validate(compose(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_docker_compose_itself_accepts_it(path: Path, tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("docker compose is not installed")
    project = tmp_path / "project"
    shutil.copytree(ROOT / "deploy", project / "deploy")
    shutil.copy(FILE, project)
    files = dict.fromkeys((FILE, path))
    named = [word for file in files for word in ("-f", str(project / file.relative_to(ROOT)))]
    said = subprocess.run(
        [docker, "compose", *named, "config", "--quiet"],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr


def test_only_the_dashboard_is_published_and_only_to_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if service.get("ports")}
    assert published == {"dashboard": ["127.0.0.1:8501:8501"]}
    outside = {name for name, service in SERVICES.items() if "outside" in service.get("networks", ())}
    assert outside == {"collector", "notifier", "dashboard", "tools"}
    assert compose()["networks"]["inside"] == {"internal": True}


def test_everything_referred_to_is_there() -> None:
    document = compose()
    for name, service in SERVICES.items():
        assert set(service.get("secrets", ())) <= set(document["secrets"]), name
        assert set(service.get("networks", ())) <= set(document["networks"]), name
        assert set(service.get("depends_on", ())) <= set(SERVICES), name
        named = [volume.split(":")[0] for volume in service.get("volumes", ())]
        assert {volume for volume in named if "/" not in volume} <= set(document["volumes"]), name
        assert all((ROOT / volume).exists() for volume in named if volume.startswith("./")), name
        used = [v for v in (service.get("environment") or {}).values() if str(v).startswith("/run/secrets/")]
        assert {Path(value).name for value in used} <= set(service.get("secrets", ())), name


def test_every_service_has_a_health_check_no_rights_and_a_healthy_broker_first() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["healthcheck"]["test"][:4] == ["CMD", "python", "-m", "core.runtime.healthy"]
        assert (service["cap_drop"], service["read_only"]) == (["ALL"], True)
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert all(each["condition"] == "service_healthy" for each in service["depends_on"].values())
    assert all(SERVICES[name].get("healthcheck") for name in ("mosquitto", "postgres", "influxdb"))


def test_every_variable_is_a_setting_and_every_secret_comes_from_a_file() -> None:
    settings = {name.upper() for block in BLOCKS for name in block.model_fields}
    secrets = {name.upper() for block in BLOCKS for name in secret_names(block)}
    for name in (*OURS, "tools", "simulator", "demo-inventory"):
        for variable, value in (SERVICES[name].get("environment") or {}).items():
            plain = variable.removesuffix("_FILE")
            assert plain in {*settings, CALLED_AS_VARIABLE}, f"{name}: {variable} is no setting"
            assert (plain in secrets) == (variable != plain), f"{name}: {variable} as a file?"
            assert plain == variable or value.startswith("/run/secrets/")


def test_the_secrets_are_made_once_and_are_those_of_the_file(tmp_path: Path) -> None:
    assert printers("secrets", "made").exit_code == 0
    made = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "made").iterdir()}
    wanted = {Path(secret["file"]).name for secret in compose()["secrets"].values()}
    assert wanted <= set(made)
    passwords = [made[f"mqtt_{user}"] for user in USERS]
    assert len(set(passwords)) == len(passwords)
    assert made["postgres_password"].strip() in made["database_url"]
    assert [line.split(":")[0] for line in made["mosquitto_passwords"].splitlines()] == [
        *USERS,
        "homeassistant",
    ]
    assert "topic write printers/+/reading/main" in made["mosquitto_acl"]
    again = printers("secrets", "made", env={"MQTT_TOPIC_PREFIX": "college"})
    assert "0 passwords made, 12 kept" in again.output
    kept = (tmp_path / "made" / "mqtt_collector").read_text(encoding="utf-8")
    assert kept == made["mqtt_collector"]
    assert "topic write college/+/reading/main" in (tmp_path / "made" / "mosquitto_acl").read_text(
        encoding="utf-8"
    )
    if sys.platform != "win32":
        assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700


def settings_of(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_brokers_settings_are_those_of_the_embedded_one() -> None:
    """What was learnt about mosquitto's defaults holds for both."""
    plain, tls = (
        settings_of(ROOT / "deploy/mosquitto" / f"{name}.conf") for name in ("mosquitto", "mosquitto-tls")
    )
    embedded = [
        line
        for line in configuration(Path("x"), ("127.0.0.1",), 1883, LARGEST_MESSAGE).splitlines()
        if line[0] != "#"
    ]
    name = re.compile(
        r"^(listener|password_file|acl_file|persistence_location|persistence_file|user|log_timestamp)\b"
    )
    assert {line for line in embedded if not name.match(line)} <= set(plain)
    assert tls[: len(plain)] == plain
    assert [line.split()[0] for line in tls[len(plain) :]] == [
        "listener",
        "certfile",
        "keyfile",
        "tls_version",
    ]
