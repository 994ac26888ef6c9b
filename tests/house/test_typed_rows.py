"""Rows that cross a function's border have a type: where a mapping of anything is left, it says why."""

import ast
import re

from tests.house.sources import PACKAGES, name_of, sources, tree_of

ANYTHING = re.compile(r"(dict|Mapping)\[(str|Any), Any\]|RowMapping")

ALLOWED = {
    "JSON of elsewhere, which is read where it comes in, or made where it goes out": (
        "collector/poll/capabilities.py",
        "console/contract/documents.py",
        "console/discover/view.py",
        "console/tokens.py",
        "console/trial.py",
        "console/users.py",
        "core/mails/changes.py",
        "core/storage/calendar_periods.py",
        "core/storage/fleet_states.py",
        "core/storage/states.py",
        "core/timeseries/influx/reader.py",
        "core/timeseries/victoria.py",
        "dashboard/api/app.py",
        "dashboard/api/routes.py",
        "dashboard/public_state.py",
        "dashboard/web/sign_in/openid.py",
        "dashboard/web/sign_in/signed.py",
        "dashboard/web/sign_in/signed_cookie.py",
        "processor/batch/incoming.py",
        "processor/judgment/identity.py",
        "processor/publish/homeassistant.py",
        "processor/publish/homeassistant_discovery.py",
        "processor/batch/snapshots.py",
        "processor/rules/memory.py",
        "processor/supplies/memory.py",
        "simulator/fleet_run.py",
        "simulator/life.py",
        "simulator/living.py",
        "simulator/stock.py",
    ),
    "the tables of another system, or of any schema, whose columns are not ours to name": (
        "console/django/dump.py",
        "console/django/issues.py",
        "console/django/people.py",
        "console/migrate.py",
        "console/transfer.py",
    ),
    "options and arguments as a library takes or gives them": (
        "collector/pysnmp_adapter/protocols.py",
        "collector/readings.py",
        "console/broker/amqtt_broker.py",
        "core/runtime/secret_files.py",
        "core/runtime/setting_types.py",
        "core/runtime/settings.py",
        "core/runtime/web_settings.py",
        "dashboard/shell.py",
        "dashboard/ui/templates.py",
        "dashboard/ui/theme.py",
        "dashboard/web/streamlit_options.py",
        "processor/batch/prepared.py",
    ),
    "fields of one model, some of them, until the model is made": (
        "processor/decode/reading.py",
        "processor/decode/vendor.py",
        "processor/forecast/background.py",
        "processor/history/points.py",
        "processor/judgment/judge.py",
        "processor/publish/events.py",
    ),
    "columns that a statement of the same file changes": (
        "core/storage/database.py",
        "core/storage/parts.py",
        "core/storage/purchases.py",
        "core/storage/stock.py",
    ),
    "a row of a query in the same file, on its way into a dataclass": (
        "core/storage/supply_events.py",
        "dashboard/features/attention/queries.py",
        "notifier/notices/rows.py",
    ),
}


def test_a_row_that_crosses_a_functions_border_has_a_type() -> None:
    found = {
        name_of(path)
        for path in sources(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if ANYTHING.search(crossing(node))
    }
    assert found == {file for files in ALLOWED.values() for file in files}


def crossing(node: ast.AST) -> str:
    """The types of a function's arguments and answer, or what a name at the left of `=` stands for."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        arguments += [more for more in (node.args.vararg, node.args.kwarg) if more]
        types = [argument.annotation for argument in arguments] + [node.returns]
        return " ".join(ast.unparse(each) for each in types if each is not None)
    is_alias = isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript)
    return ast.unparse(node.value) if is_alias and isinstance(node, ast.Assign) else ""
