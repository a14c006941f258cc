"""How a service or a call came to be known, as its keys in the YAML say: `provenance`, `seen`, `sources`."""

from datetime import UTC, datetime
from typing import NamedTuple

from cockpit.model.topology import Provenance
from cockpit.topology.problems import nearest
from cockpit.topology.reader import Entry, Reader, is_null

ORIGIN_KEYS = ("provenance", "seen", "sources")
"""Keys of a service and of a call that say how it came to be known."""


class Origin(NamedTuple):
    """What those keys say."""

    provenance: Provenance = Provenance.DECLARED
    seen: datetime | None = None
    """UTC."""
    sources: tuple[str, ...] = ()


def read_origin(reader: Reader, keys: dict[str, Entry]) -> Origin:
    """Return how something came to be known; a map that does not say declares it."""
    if not keys.keys() & set(ORIGIN_KEYS):
        return _DECLARED
    sources = keys.get("sources")
    return Origin(
        _provenance(reader, keys.get("provenance")),
        _seen(reader, keys.get("seen")),
        ()
        if sources is None
        else tuple(word.text for word in reader.texts(sources.value, sources.key.path, "a source")),
    )


_DECLARED = Origin()


def _provenance(reader: Reader, entry: Entry | None) -> Provenance:
    word = None if entry is None else reader.text(entry.value, entry.key.path)
    if word is None:
        return Provenance.DECLARED
    try:
        return Provenance(word.text.lower())
    except ValueError:
        known = tuple(Provenance)
        remedy = f'did you mean "{nearest(word.text, known)}"? write {", ".join(known)}, or leave it out'
        reader.problem(word, "bad-yaml", f'{word.path}: there is no provenance "{word.text}"', remedy)
        return Provenance.DECLARED


def _seen(reader: Reader, entry: Entry | None) -> datetime | None:
    if entry is None or is_null(entry.value):
        return None
    word = reader.text(entry.value, entry.key.path, "a moment")
    if word is None:
        return None
    try:
        seen = datetime.fromisoformat(word.text)
        return seen.replace(tzinfo=UTC) if seen.tzinfo is None else seen.astimezone(UTC)
    except (ValueError, OverflowError):
        remedy = "write it as 2026-11-20T14:12:03Z"
        reader.problem(word, "bad-yaml", f'{word.path}: "{word.text[:60]}" is no moment', remedy)
        return None


def moment(at: datetime) -> str:
    """Return a moment as the keys write it: RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
