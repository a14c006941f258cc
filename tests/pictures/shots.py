"""The pictures that are made: each a scene, a size, a kind of terminal, and the keys that lead there."""

from dataclasses import dataclass

from tests.pictures.opening import Terminal

_USUAL = Terminal()


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    scene: str
    size: tuple[int, int] = (120, 40)
    keys: tuple[str, ...] = ()
    """Pressed before it is taken."""
    called: str = ""
    """What it shows, where that is not the scene alone."""
    terminal: Terminal = _USUAL
    """What it is shown on."""

    @property
    def name(self) -> str:
        """The picture's file name without its ending."""
        return f"{self.called or self.scene}-{self.size[0]}x{self.size[1]}"


def typed(text: str) -> tuple[str, ...]:
    """Return the keys that type a text."""
    names = {" ": "space", "=": "equals_sign", '"': "quotation_mark", "~": "tilde", ".": "full_stop", "-": "minus"}
    return tuple(names.get(char, char) for char in text)


_SAMPLES = {"checkout": 6, "demo": 17, "booking": 40, "thousand": 1000}
"""Sample maps and how many services each has."""
_VIEWS = {"chain": (), "subway": ("v",), "tree": ("v", "v"), "overview": ("ctrl+o",)}
_SIZES = ((80, 24), (120, 40), (200, 50))
_TERMINALS = {"": _USUAL, "-ascii": Terminal(ascii=True), "-no-colour": Terminal(None)}

MAPS = tuple(
    Shot(
        f"map-{sample}",
        size,
        keys=("1", "plus", *keys),
        called=f"maps/{services}-services-{view}{kind}",
        terminal=terminal,
    )
    for sample, services in _SAMPLES.items()
    for view, keys in _VIEWS.items()
    for kind, terminal in _TERMINALS.items()
    for size in _SIZES
)
"""Every view of maps of any size, on every kind of terminal."""

SHOTS = (
    Shot("incident"),
    Shot("incident", (80, 24)),
    Shot("incident", (200, 50)),
    Shot("incident", (60, 15)),
    Shot("calm"),
    Shot("calm", (80, 24)),
    Shot("storm"),
    Shot("storm", (80, 24)),
    Shot("blind"),
    Shot("blind", (80, 24)),
    Shot("stale"),
    Shot("stale", (80, 24)),
    Shot("no-map"),
    Shot("no-configuration"),
    Shot("no-configuration", (80, 24)),
    Shot("incident", keys=("question_mark",), called="help"),
    Shot("incident", keys=("enter",), called="details"),
    Shot("incident", (80, 24), keys=("E", "g", "space", "j", "space", "j", "j"), called="checklist"),
    Shot("incident", keys=("E", "g", "space", "j", "space", "j", "j"), called="checklist"),
    Shot("incident", keys=("4", "c", "j", "j", "e", *typed(", and the app")), called="edit"),
    Shot("incident", keys=("colon",), called="palette"),
    Shot("incident", keys=("slash", *typed("severity=critical")), called="filter"),
    Shot("incident", keys=("1", "plus", "v"), called="subway"),
    Shot("incident", keys=("1", "plus", "V"), called="teams"),
    Shot("incident", keys=("1", "plus", "V", "V"), called="tools"),
    Shot("incident", (80, 24), terminal=Terminal(None), called="no-colour"),
    Shot("incident", (80, 24), terminal=Terminal("standard"), called="sixteen-colours"),
    Shot("incident", (80, 24), terminal=Terminal(ascii=True), called="ascii"),
    Shot("incident", terminal=Terminal(theme="cockpit-light"), called="light"),
)
"""Every picture in `screenshots/` but those of maps."""
