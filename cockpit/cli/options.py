"""What a command line asks for, as plain values, and the error for one that asks for nothing sensible."""

from dataclasses import dataclass


class Usage(Exception):  # noqa: N818 - the command line's own word for it
    """The command line is wrong; told like every other error: place, what, remedy."""

    def __init__(self, place: str, what: str, remedy: str) -> None:
        super().__init__(f"{place}: {what}; {remedy}")


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for; what was not said is null, empty or false."""

    command: str | None = None
    """Null means the screen."""
    map_command: str | None = None
    """check, show, draft, import or export."""
    shift_command: str | None = None
    """start or note."""
    words: list[str] | None = None
    """Of shift note: what it says."""
    config: str | None = None
    context: str | None = None
    alertmanagers: list[str] | None = None
    prometheuses: list[str] | None = None
    map_name: str | None = None
    """`--map`."""
    demo: bool = False
    """`--demo`: answer from the embedded recording."""
    recording: str | None = None
    at: str | None = None
    speed: str | None = None
    json: bool = False
    since: str | None = None
    alert: str | None = None
    form: str | None = None
    """text or markdown."""
    file: str | None = None
    """Of record, replay and map: the one argument."""
    files: list[str] | None = None
    """Of map import: one or several."""
    format: str | None = None
    """Of map import and export."""
    into: str | None = None
    """Of map import: the map that is merged into."""
    for_how_long: str | None = None
    force: bool = False
    view: str = ""
    """Of map show; empty where none was asked for."""
    layer: str = "services"
    """Of map show: services, teams or tools."""
    callers: bool = False
    """Whether the tree has callers under callees."""
    focus: str | None = None
    width: str | None = None
    ascii: bool = False
    change: str | None = None
    """Of annotate: the change's id, or how it begins."""
    service: str | None = None
    version: str | None = None
    began: str | None = None
    """Of annotate: when a change began that no system reported."""
    ended: str | None = None
    system: str | None = None
    """Of annotate: the system that is written to."""
    dashboard: str | None = None
    """Of annotate: a dashboard's uid, empty for the whole organisation."""
    yes: bool = False
    """It is confirmed already."""
    dry_run: bool = False

    @property
    def plays_demo(self) -> bool:
        """Whether the embedded recording is meant."""
        return self.demo or self.command == "demo"

    @property
    def played_file(self) -> str | None:
        """The recording that is meant, where it is a file."""
        return self.file if self.command == "replay" else self.recording

    @property
    def playing(self) -> bool:
        """Whether a recording answers instead of live systems."""
        return self.plays_demo or self.played_file is not None
