"""The drill said outwards: as JSON for scripts, as a few plain lines for chat, as Markdown for tickets."""

import re
from datetime import UTC, datetime, tzinfo
from urllib.parse import quote, urlsplit

from cockpit.board.state import Board
from cockpit.model.drill import Answer, Drill, Evidence, Question, Standing
from cockpit.model.reading import Liveness, SystemState
from cockpit.spans import clock_time, in_zone, rfc3339
from cockpit.text import clean, cut, one_line

LINES = 8
"""Lines of the plain text, at most."""
COLUMNS = 120
"""Columns of the plain text, at most."""

_BY_PERSON = frozenset({Standing.CONFIRMED, Standing.EDITED, Standing.UNKNOWN})
_MENTION = re.compile(r"@(?=\w)")
_CHAT_LINK = re.compile(r"<(?=[!@#a-zA-Z])")
_MARKUP = re.compile(r"[\\`*{}\[\]|~]|(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", "@": "&#64;"})


def as_json(drill: Drill, board: Board) -> dict[str, object]:
    """Return the drill as the contract's document; times are RFC 3339 in UTC."""
    subject, priority = drill.subject, drill.priority
    return {
        "alert": {
            "id": subject.alert.id,
            "system": subject.alert.system,
            "name": subject.name,
            "service": subject.service,
            "count": subject.count,
        },
        "priority": {
            "proposed": priority.proposed.value,
            "chosen": None if priority.chosen is None else priority.chosen.value,
            "why": list(priority.why),
        },
        "answers": {question.value: _answer(drill.answers[question]) for question in Question},
        "systems": [_system(state, board.at) for state in board.systems.values()],
    }


def _answer(answer: Answer) -> dict[str, object]:
    said: dict[str, object] = {
        "value": answer.value,
        "standing": answer.standing.value,
        "by": answer.by,
        "evidence": [
            {"system": item.system, "says": item.says, "at": rfc3339(item.at), "url": item.url}
            for item in answer.evidence
        ],
        "fresh": answer.fresh,
        "detail": answer.detail,
    }
    if answer.proposed:
        said["proposed"] = answer.proposed
    if answer.question is Question.CHANGE:
        said["suspects"] = [
            {"id": one.change, "service": one.service, "began": rfc3339(one.began), "why": list(one.why)}
            for one in answer.suspects
        ]
    return said


def _system(state: SystemState, now: datetime) -> dict[str, object]:
    age = None if state.answered is None else max(0, round((now - state.answered).total_seconds()))
    liveness = Liveness.DOWN if state.state is Liveness.ASKING else state.state
    return {
        "name": state.name,
        "kind": state.kind,
        "state": liveness.value,
        "age_s": age,
        "complete_to": rfc3339(state.complete_to),
        "error": state.error or ("no answer yet" if state.state is Liveness.ASKING else None),
    }


def level(drill: Drill) -> str:
    """Return `P1` where a person chose it, `P1?` where it is proposed."""
    chosen = drill.priority.chosen
    return f"{drill.priority.proposed.value}?" if chosen is None else chosen.value


def as_text(drill: Drill, zone: tzinfo = UTC) -> str:
    """Return the drill for chat: a title, five answers, the first suspect's reason; plain, 8 lines of 120 at most."""
    subject = drill.subject
    service = f" on {subject.service}" if subject.service else ""
    count = f" ×{subject.count:,}" if subject.count > 1 else ""
    why = f": {'; '.join(drill.priority.why)}" if drill.priority.why and drill.priority.chosen is None else ""
    lines = [f"{level(drill)} {subject.name}{count}{service}{why}"]
    for question in Question:
        answer = drill.answers[question]
        detail = _detail(answer)
        lines.append(f"{question.value.upper()}: {answer.value}{detail}{_by(answer, zone)}")
    suspects = drill.answers[Question.CHANGE].suspects
    if suspects:
        lines.append(f"Suspect: {suspects[0].service}, {'; '.join(suspects[0].why)}")
    return "\n".join(cut(_plain(line), COLUMNS) for line in lines[:LINES])


def _detail(answer: Answer) -> str:
    """Return what is added to an answer: of a change it is another sentence, about others."""
    if not answer.detail:
        return ""
    return f"{';' if answer.question is Question.CHANGE else ','} {answer.detail}"


def _by(answer: Answer, zone: tzinfo) -> str:
    if answer.by is None or answer.standing not in _BY_PERSON:
        return ""
    at = f" {_time(answer.at, zone)}" if answer.at is not None else ""
    verb = "set to unknown" if answer.standing is Standing.UNKNOWN else answer.standing.value
    return f" ({verb} by {answer.by}{at})"


def _time(at: datetime, zone: tzinfo) -> str:
    return f"{clock_time(at, zone)} {in_zone(at, zone).tzname() or ''}".strip()


def _plain(text: str) -> str:
    """Return one line that no chat reads as a mention, a link or the end of the line."""
    return _CHAT_LINK.sub("< ", _MENTION.sub("@ ", one_line(text, 2000)))


def as_markdown(drill: Drill, zone: tzinfo = UTC) -> str:
    """Return the drill for a ticket, with evidence and links; text of alerts cannot become markup."""
    subject = drill.subject
    service = f" on {subject.service}" if subject.service else ""
    count = f" ×{subject.count:,}" if subject.count > 1 else ""
    lines = [f"## {escape(f'{level(drill)} {subject.name}{count}{service}')}", ""]
    if drill.priority.why:
        lines += [f"Proposed: {escape('; '.join(drill.priority.why))}", ""]
    for question in Question:
        answer = drill.answers[question]
        detail = _detail(answer)
        lines.append(f"- **{question.value.upper()}** {escape(answer.value + detail + _by(answer, zone))}")
        if answer.proposed:
            lines.append(f"  - now: {escape(answer.proposed)}")
        lines += [f"  - suspect {escape(one.service)}: {escape('; '.join(one.why))}" for one in answer.suspects]
        lines += [f"  - {_evidence(item, zone)}" for item in answer.evidence]
    return "\n".join(lines) + "\n"


def _evidence(item: Evidence, zone: tzinfo) -> str:
    at = "" if item.at is None else f" at {_time(item.at, zone)}"
    text = f"{escape(item.system + at)}: {escape(item.says)}"
    url = _link(item.url)
    return f"{text} ([link](<{url}>))" if url else text


def _link(url: str | None) -> str:
    """Return a link that stays one, or nothing where it leads nowhere safe."""
    if url is None:
        return ""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return ""
    return quote(clean(url), safe="%/:?#=&,;+~@!$'*()[]-._") if scheme in {"http", "https"} else ""


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(r"\\\g<0>", one_line(text, 4096)).translate(_ENTITIES)
