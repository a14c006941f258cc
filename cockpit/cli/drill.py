"""`cockpit drill`: the five questions about one alert or fold, answered with evidence."""

from collections.abc import Iterable
from datetime import UTC

from cockpit.board.state import Board
from cockpit.cli.asking import CALLING, DRILLING, alerting_topic, ask, exit_code, known, tell_unanswered, who_answered
from cockpit.cli.checklist import as_json as checklist_as_json
from cockpit.cli.checklist import as_lines, checklist_of
from cockpit.cli.opening import Opened, open_options
from cockpit.cli.options import Options
from cockpit.cli.output import note, safe, say, say_json
from cockpit.model.alert import AlertKey, FoldKey
from cockpit.model.drill import Drill, Question, Standing, Subject
from cockpit.model.reading import Topic
from cockpit.spans import in_zone
from cockpit.text import one_line
from cockpit.triage.drill import fill
from cockpit.triage.say import as_json, as_markdown, as_text
from cockpit.triage.subject import find, worst

_TITLES = {
    Question.WHAT: "WHAT",
    Question.WHEN: "WHEN",
    Question.SCOPE: "SCOPE",
    Question.CHANGE: "CHANGE",
    Question.OWNER: "OWNER",
}
"""What stands in front of each answer."""


def run(options: Options) -> int:
    """Print one drill."""
    return print_drill(open_options(options), options)


def print_drill(opened: Opened, options: Options) -> int:
    """Print the drill that the options mean, as they want it, and return the exit code."""

    def subject_on(board: Board) -> Subject | None:
        return worst(board) if options.alert is None else find(board, options.alert)

    def attended(board: Board) -> AlertKey | FoldKey | None:
        subject = subject_on(board)
        return None if subject is None else subject.alert

    listing = options.form == "checklist"
    board = ask(opened, DRILLING | CALLING | {Topic.ONCALL} | ({Topic.STATUS} if listing else frozenset()), attended)
    tell_unanswered(opened, board, DRILLING)
    subject = subject_on(board)
    code = exit_code(board, {alerting_topic(board), Topic.CHANGES})
    if subject is None:
        return _say_nothing(board, options, code)
    drill = fill(board, subject, opened.zone)
    checklist = checklist_of(board, subject, UTC) if listing else None
    if options.json:
        listed = {} if checklist is None else {"checklist": checklist_as_json(checklist)}
        say_json(as_json(drill, board) | listed)
    elif checklist is not None:
        say(safe("\n".join(as_lines(checklist))))
    elif options.form == "markdown":
        say(safe(as_markdown(drill, opened.zone)))
    elif options.form == "text":
        say(safe(as_text(drill, opened.zone)))
    else:
        say("\n".join(with_evidence(drill)))
    return code


def _say_nothing(board: Board, options: Options, code: int) -> int:
    if options.json:
        say_json(None)
    topic = alerting_topic(board)
    answered = who_answered(board, topic)
    if options.alert is not None:
        note(f"{options.alert}: no such alert, {answered}; see cockpit alerts")
        return code or 1
    if not options.json:
        say(f"{'Nothing fires' if known(board, topic) else 'Not known what fires'}, {answered}")
    return code


def with_evidence(drill: Drill) -> Iterable[str]:
    """Return the drill as lines: each answer, and under it what it rests on."""
    priority = drill.priority
    shown = priority.chosen.value if priority.chosen else f"{priority.proposed.value}?"
    count = f" ×{drill.subject.count}" if drill.subject.count > 1 else ""
    yield one_line(f"{shown} {drill.subject.name}{count}  {drill.subject.service}")
    yield from (f"       {one_line(why)}" for why in priority.why)
    for question, answer in drill.answers.items():
        standing = "" if answer.standing is Standing.FILLED else f"  [{answer.standing.value}{_by(answer.by)}]"
        detail = f", {answer.detail}" if answer.detail else ""
        yield f"{_TITLES[question]:7}{one_line(answer.value + detail, 1000)}{standing}"
        for suspect in answer.suspects:
            yield f"       suspect: {one_line(suspect.service)}: {one_line('; '.join(suspect.why))}"
        for evidence in answer.evidence:
            at = f" at {in_zone(evidence.at, UTC):%H:%M:%S} UTC" if evidence.at else ""
            yield f"       {one_line(evidence.system)}{at}: {one_line(evidence.says)}"


def _by(name: str | None) -> str:
    return f" by {name}" if name else ""
