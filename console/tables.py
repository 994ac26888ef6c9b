"""Tables on a terminal that break between words, as long as its width has room for the longest of each."""

from collections.abc import Collection, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

_GAP: Final = 2
_NARROWEST: Final = 4


def word_table(
    console: Console, titles: Sequence[str], rows: Sequence[Sequence[Text]], right: Collection[str] = ()
) -> Table:
    """Return a table of texts, each of which may have several lines; columns in `right` end on the right."""
    columns = [[Text(title), *(row[index] for row in rows)] for index, title in enumerate(titles)]
    widths = column_widths(
        [_longest_word(cells) for cells in columns],
        [max(line.cell_len for cell in cells for line in cell.split(allow_blank=True)) for cells in columns],
        console.width - _GAP * (len(titles) - 1),
    )
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, _GAP, 0, 0))
    for title, width in zip(titles, widths, strict=True):
        table.add_column(title, width=width, overflow="fold", justify="right" if title in right else "left")
    for row in rows:
        table.add_row(*row)
    return table


def column_widths(words: Sequence[int], lines: Sequence[int], room: int) -> list[int]:
    """Return the width of each column: its longest line, or less, but its longest word.

    Where not even the words fit, the widest columns are narrowed, and their words broken.
    """
    widths = list(lines)
    while sum(widths) > room:
        slack = [width - word for width, word in zip(widths, words, strict=True)]
        widest = max(range(len(widths)), key=lambda at: (slack[at] > 0, widths[at]))
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _longest_word(cells: Sequence[Text]) -> int:
    return max((Text(word).cell_len for cell in cells for word in cell.plain.split()), default=0)
