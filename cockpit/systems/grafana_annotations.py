"""What annotations say of changes: services, versions and owners out of their tags and words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from cockpit.model.annotation import FROM, Annotation
from cockpit.model.change import ChangeKind, ChangeReport, Progress
from cockpit.systems.answers import UnreadableError, utc, web_url
from cockpit.text import clean, one_line

NAMELESS = "(no service tag)"
"""What a change is called whose annotation names no service."""

REPEATED_S = 300.0
"""Seconds that the begin of a repeated change may be off: whoever reported it knows better."""

_FAILED = frozenset({"failed", "failure", "error", "aborted"})
_ROLLING = frozenset({"rolling", "in-progress", "in_progress", "started", "running"})
_DONE = frozenset({"success", "succeeded", "done", "finished", "completed"})
_KINDS: Mapping[str, ChangeKind] = {
    "deploy": ChangeKind.DEPLOY,
    "merged": ChangeKind.MERGED,
    "config": ChangeKind.CONFIG,
    "configuration": ChangeKind.CONFIG,
    "flag": ChangeKind.FLAG,
    "feature-flag": ChangeKind.FLAG,
    "infrastructure": ChangeKind.INFRASTRUCTURE,
    "infra": ChangeKind.INFRASTRUCTURE,
}
"""Tags, and values of `kind:`, that tell what was changed."""
_ROLLBACK = frozenset({"rollback", "revert"})
_WRAPPING = "()[]{}<>,;.!\"'`*"
"""What may stand around a word."""
_SCALE = 1000.0


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Keys of this kind's own."""

    tags: list[str] = msgspec.field(default_factory=lambda: ["deploy"])
    """Annotations with any of these tags are changes; none: all that people or programs wrote."""
    match_any: bool = True
    """False: only annotations with all of the tags."""
    service_keys: list[str] = msgspec.field(
        default_factory=lambda: ["service", "app", "application", "component", "deployment"]
    )
    """Keys that name the service, in tags (`service:payment`, `service=payment`) and in the text; the first counts."""
    version_keys: list[str] = msgspec.field(default_factory=lambda: ["version", "release", "image_tag"])
    owner_keys: list[str] = msgspec.field(default_factory=lambda: ["team", "owner", "squad"])
    commit_keys: list[str] = msgspec.field(default_factory=lambda: ["commit", "sha", "revision"])
    environment_keys: list[str] = msgspec.field(default_factory=lambda: ["env", "environment"])
    author_keys: list[str] = msgspec.field(default_factory=lambda: ["author", "by"])
    texts: list[str] = msgspec.field(
        default_factory=lambda: [
            "deployed {service} {version}",
            "deploy {service} {version}",
            "deploy of {service} {version}",
            "released {service} {version}",
            "release {version} of {service}",
            "{service} {version} deployed",
            "{service} {version} released",
        ]
    )
    """How texts begin that name service and version without keys; a version has a digit in it."""
    service: str = ""
    """Whose change it is where an annotation names no service."""
    kind: ChangeKind = ChangeKind.DEPLOY
    """What is changed where no tag says it."""
    covers: list[str] = msgspec.field(default_factory=list)
    """Services all of whose changes are annotated, beside those that tags name; `*` for all of the map."""
    dashboard_uid: str = ""
    """The dashboard that is written to; without it the whole organisation."""
    dashboards: dict[str, str] = msgspec.field(default_factory=dict)
    """The dashboard's uid by service, before `dashboard_uid`."""


class RawAnnotation(msgspec.Struct):
    """An annotation as it comes; whatever else it has is left alone."""

    id: int | str = 0
    time: float | None = None
    timeEnd: float | None = None  # noqa: N815 - the vendor's name
    text: str | None = None
    tags: list[str] | None = None
    dashboardUID: str | None = None  # noqa: N815 - the vendor's name
    alertId: int | None = None  # noqa: N815 - the vendor's name
    newState: str | None = None  # noqa: N815 - the vendor's name
    login: str | None = None

    @property
    def of_alert(self) -> bool:
        """Whether an alert's change of state made it, and no person or program."""
        return bool(self.alertId) or bool(self.newState)


def read_annotation(data: bytes) -> RawAnnotation:
    """Return one annotation, cleaned.

    Raises:
        UnreadableError: It has no time.
        msgspec.ValidationError: It has another shape.
    """
    raw = msgspec.json.decode(data, type=RawAnnotation)
    if _moment(raw.time) is None:
        raise UnreadableError(".time: expected a time")
    raw.text = plain_text(raw.text or "")
    raw.tags = [one_line(tag, 200) for tag in raw.tags or ()]
    raw.dashboardUID = one_line(raw.dashboardUID or "", 100)
    raw.login = one_line(raw.login or "", 100)
    raw.id = one_line(str(raw.id), 40)
    return raw


class Mark(NamedTuple):
    """An annotation as it is understood; one that did not change is the same object at the next asking."""

    one: Annotation
    report: ChangeReport
    of_alert: bool
    last: float
    """When it ends, in milliseconds."""


def read_mark(data: bytes, settings: Settings, base: str, labels: Mapping[str, str]) -> Mark:
    """Return one annotation with the change that it tells of.

    Args:
        data: As it came.
        settings: Which keys and texts count.
        base: The server's address, for links.
        labels: Added to the change.

    Raises:
        UnreadableError: It has no time.
        msgspec.ValidationError: It has another shape.
    """
    raw = read_annotation(data)
    said = _Said(tuple(raw.tags or ()), raw.text or "", settings)
    one = _annotation(raw, said, settings, base)
    return Mark(one, _report(raw, said, one, settings, labels), raw.of_alert, max(raw.timeEnd or 0, raw.time or 0))


def _moment(milliseconds: float | None) -> datetime | None:
    if milliseconds is None:
        return None
    try:
        return utc(datetime.fromtimestamp(milliseconds / _SCALE, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def milliseconds(at: datetime) -> int:
    """Return a moment as Grafana writes it."""
    return round(at.timestamp() * _SCALE)


def plain_text(text: str) -> str:
    """Return a text of HTML, as annotations may have, without its marks."""
    if "<" in text:
        kept, inside = [], False
        for char in text:
            if char == "<":
                inside = True
            elif char == ">" and inside:
                inside = False
                kept.append(" ")
            elif not inside:
                kept.append(char)
        if not inside:
            text = "".join(kept)
    if "&" in text:
        from html import unescape

        text = unescape(text)
    return clean(text, 2000)


def _annotation(raw: RawAnnotation, said: "_Said", settings: Settings, base: str) -> Annotation:
    began = _moment(raw.time)
    assert began is not None
    ended = _moment(raw.timeEnd)
    return Annotation(
        text=raw.text or "",
        tags=tuple(raw.tags or ()),
        began=began,
        ended=ended if ended is not None and ended > began else None,
        dashboard=raw.dashboardUID or "",
        id=str(raw.id),
        service=said.find(settings.service_keys) or said.service or settings.service,
        version=said.find(settings.version_keys) or said.version,
        url=web_url(f"{base}/d/{raw.dashboardUID}") if raw.dashboardUID else None,
    )


def _report(
    raw: RawAnnotation, said: "_Said", mark: Annotation, settings: Settings, labels: Mapping[str, str]
) -> ChangeReport:
    """Return the change that an annotation tells of; one that repeats others' word says so, and is less precise."""
    owner_key, owner = said.found(settings.owner_keys)
    words = {tag.casefold() for tag in mark.tags}
    state = (said.find(["status", "state", "result"])).casefold()
    login = raw.login or ""
    return ChangeReport(
        id=mark.id,
        name=mark.service or NAMELESS,
        version=mark.version,
        kind=_kind(said.find(["kind"]), words, settings.kind),
        began=mark.began,
        ended=mark.ended,
        author=said.find(settings.author_keys) or ("" if login.startswith("sa-") else login),
        summary=one_line(mark.text, 200),
        url=None if mark.repeats else mark.url,
        rollback=bool(words & _ROLLBACK) or said.find(["rollback"]).casefold() in {"true", "yes", "1"},
        labels=dict(labels),
        says=f'annotation {mark.id}{_by_us(mark)}: "{one_line(mark.text, 120)}"',
        tolerance_s=REPEATED_S if mark.repeats else 0.0,
        progress=_progress(words | {state}, ended=mark.ended is not None),
        owner=owner,
        owner_by=f"tag {owner_key}" if owner else "",
        commit=said.find(settings.commit_keys),
        environment=said.find(settings.environment_keys),
    )


def _by_us(mark: Annotation) -> str:
    told = [tag.removeprefix(FROM) for tag in mark.tags if tag.startswith(FROM)]
    return f", by Cockpit from {', '.join(told)}" if mark.repeats else ""


def _kind(told: str, words: Iterable[str], otherwise: ChangeKind) -> ChangeKind:
    if told.casefold() in _KINDS:
        return _KINDS[told.casefold()]
    known = [_KINDS[word] for word in sorted(words) if word in _KINDS and _KINDS[word] is not ChangeKind.DEPLOY]
    return known[0] if known else otherwise


def _progress(words: set[str], *, ended: bool) -> Progress:
    if words & _FAILED:
        return Progress.FAILED
    if words & _ROLLING and not ended:
        return Progress.ROLLING
    return Progress.DONE if ended or words & _DONE else Progress.UNKNOWN


def pair_of(word: str) -> tuple[str, str]:
    """Return key and value of a tag or word such as `service:payment` or `service=payment`; no key where it is none."""
    for place, char in enumerate(word):
        if char in ":=":
            return word[:place].strip().casefold(), word[place + 1 :].strip()
    return "", word


class _Said:
    """What an annotation says by keys, in tags before its text, and by the way its text begins."""

    def __init__(self, tags: Sequence[str], text: str, settings: Settings) -> None:
        self._pairs: dict[str, str] = {}
        for key, value in (*map(pair_of, tags), *_pairs_in(text)):
            if key and value and not value.startswith("//"):
                self._pairs.setdefault(key, one_line(value, 200))
        self.service, self.version = _by_text(text, settings.texts)

    def found(self, keys: Iterable[str]) -> tuple[str, str]:
        """Return the first of the keys that it says, and the value; empty where it says none."""
        return next(((key, self._pairs[key.casefold()]) for key in keys if key.casefold() in self._pairs), ("", ""))

    def find(self, keys: Iterable[str]) -> str:
        """Return the value of the first of the keys that it says, or nothing."""
        return self.found(keys)[1]


def _pairs_in(text: str) -> Iterable[tuple[str, str]]:
    """Yield the keys and values of a text: `service=payment`, `service:payment`, `service: payment`."""
    words = text.split()
    for place, word in enumerate(words):
        key, value = pair_of(word.strip(_WRAPPING))
        if key and not value and place + 1 < len(words):
            value = words[place + 1].strip(_WRAPPING)
        yield key, value


def _by_text(text: str, templates: Iterable[str]) -> tuple[str, str]:
    """Return service and version of the first line that begins like one of the templates."""
    for line in text.split("\n")[:20]:
        words = [bare for word in line.split()[:20] if (bare := word.strip(_WRAPPING + ":"))]
        for template in templates:
            found = _matched(template.split(), words)
            if found is not None:
                return found
    return "", ""


def _matched(template: Sequence[str], words: Sequence[str]) -> tuple[str, str] | None:
    if not template or len(words) < len(template):
        return None
    found = {"{service}": "", "{version}": ""}
    for wanted, word in zip(template, words, strict=False):
        if wanted in found:
            found[wanted] = word
        elif wanted.casefold() != word.casefold():
            return None
    version = found["{version}"]
    if "{version}" in template and not any(map(str.isdigit, version)):
        return None
    return found["{service}"], version
