"""`cockpit map draft`: a map in YAML, from what was seen in alerts and targets."""

from cockpit.board.state import Board
from cockpit.cli.asking import CALLING, ask, exit_code, tell_unanswered
from cockpit.cli.observing import joined
from cockpit.cli.opening import open_options
from cockpit.cli.options import Options
from cockpit.cli.output import counted, note, safe, say, say_json
from cockpit.model.reading import AlertsSeen, TargetsSeen, Topic
from cockpit.model.topology import NO_MAP
from cockpit.topology.draft import draft_map

_ASKED = frozenset({Topic.ALERTS, Topic.TARGETS})


def run(options: Options) -> int:
    """Print the draft."""
    opened = open_options(options)
    board = ask(opened, _ASKED | CALLING)
    tell_unanswered(opened, board, _ASKED)
    name = opened.assembly.context.name
    alerts = [
        report.labels
        for reading in board.readings.values()
        if isinstance(reading.answer, AlertsSeen)
        for report in reading.answer.alerts
    ]
    targets = _targets(board)
    hops = [reading for reading in board.readings.values() if reading.topic in CALLING]
    observed = joined(hops, NO_MAP, opened.assembly, board.at).map
    text = draft_map(name, alerts, targets, opened.assembly.context.exporters, observed)
    if options.json:
        import yaml

        say_json(yaml.safe_load(text))
    else:
        say(safe(text).rstrip("\n"))
    seen = f"{counted(len(alerts), 'alert')} and {counted(len(targets), 'target')}"
    calls = sum(len(service.calls) for service in observed.services.values())
    if calls:
        note(f"drafted from {seen} and {counted(calls, 'observed call')}; add journeys and teams by hand")
    else:
        note(f"drafted from {seen}; add calls, journeys and teams by hand")
    return exit_code(board, {Topic.ALERTS})


def _targets(board: Board) -> list[dict[str, str]]:
    return [
        dict(labels)
        for reading in board.readings.values()
        if isinstance(reading.answer, TargetsSeen)
        for labels in reading.answer.targets
    ]
