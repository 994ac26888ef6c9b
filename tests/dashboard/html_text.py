"""The elements and the text of a piece of HTML, for tests of what was drawn."""

from html.parser import HTMLParser


class Tags(HTMLParser):
    """Collects the elements and the text of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data.replace("\N{NO-BREAK SPACE}", " ")  # as between numbers and units


def parsed(html: str) -> Tags:
    """Read a piece of HTML as a browser would."""
    found = Tags()
    found.feed(html)
    found.close()
    return found
