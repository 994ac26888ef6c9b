"""Two people edit one thing: what each of them changed, and both together."""

from collections.abc import Mapping
from dataclasses import dataclass

Values = Mapping[str, str]


@dataclass(frozen=True)
class Merge:
    """An edit that began with `seen`, while the thing has become `current`."""

    seen: Values
    current: Values
    mine: Values
    """What the editor's fields hold now; also the names of what can be edited."""

    @property
    def touched(self) -> tuple[str, ...]:
        """Fields the editor has changed."""
        return tuple(name for name, value in self.mine.items() if value != self.seen[name])

    @property
    def theirs(self) -> tuple[str, ...]:
        """Fields somebody else has changed meanwhile."""
        return tuple(name for name in self.mine if self.current[name] != self.seen[name])

    @property
    def contested(self) -> tuple[str, ...]:
        """Fields that both have changed, to different values."""
        both = set(self.touched) & set(self.theirs)
        return tuple(name for name in self.mine if name in both and self.mine[name] != self.current[name])

    @property
    def together(self) -> dict[str, str]:
        """The editor's changes on top of the current state."""
        return {
            name: value if name in self.touched else self.current[name] for name, value in self.mine.items()
        }
