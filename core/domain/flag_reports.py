"""Several reports of a printer about one condition, as the parameters of one flag, and back. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

WORDS_BETWEEN: Final = "; "
"""Between several words of the printer in the parameter `words`."""
_MOST_REPORTS: Final = 3


def of_reports(reports: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the parameters of several reports as those of one flag: see `reports` in conditions.py."""
    first, *others = reports[:_MOST_REPORTS]
    if not others:
        return dict(first)
    further = {f"{name}_{number}": text for number, one in enumerate(others, 2) for name, text in one.items()}
    return {**first, **further, "reports": str(len(others) + 1)}


def reports_in(parameters: Mapping[str, str]) -> list[Mapping[str, str]]:
    """Return the parameters of each report that one flag is about: see of_reports()."""
    if "reports" not in parameters:
        return [parameters]
    numbers = [str(number) for number in range(2, _MOST_REPORTS + 1)]
    further = [_report(parameters, number) for number in numbers if number <= parameters["reports"]]
    endings = tuple(f"_{number}" for number in numbers)
    first = {
        name: text for name, text in parameters.items() if name != "reports" and not name.endswith(endings)
    }
    return [first, *further]


def _report(parameters: Mapping[str, str], number: str) -> dict[str, str]:
    ending = f"_{number}"
    return {name.removesuffix(ending): text for name, text in parameters.items() if name.endswith(ending)}
