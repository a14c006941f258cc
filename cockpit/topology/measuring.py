"""A service's own queries in the map: error share, latency and rate, for what no query for all services measures."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cockpit.model.topology import MeasureQueries
from cockpit.topology.reader import Entry, Reader, Word, is_null

if TYPE_CHECKING:
    from yaml import Node

MEASURE_KEYS = ("errors", "latency", "rate")
"""Keys of a service's measures."""

_SHAPE = "{errors: PROMQL, latency: PROMQL, rate: PROMQL}"


def read_measures(reader: Reader, keys: Mapping[str, Entry]) -> tuple[tuple[Word, ...], MeasureQueries | None]:
    """Return a service's queries as they stand in the file and as a value; nothing where it has none."""
    entry = keys.get("measures")
    if entry is None or is_null(entry.value):
        return (), None
    parts = reader.mapping(entry.value, entry.key.path, MEASURE_KEYS, _SHAPE)
    words = {key: _query(reader, parts[key].value, parts[key].key.path) for key in parts}
    there = tuple(word for word in words.values() if word is not None)
    if not there and (parts or not entry.value.value):
        message = f"{entry.key.path} has no query"
        reader.problem(entry.key, "bad-query", message, f"write {_SHAPE}, or leave it out")
    return there, None if not there else MeasureQueries(
        **{key: word.text for key, word in words.items() if word is not None}
    )


def _query(reader: Reader, node: "Node", path: str) -> Word | None:
    return reader.text(node, path, "a PromQL expression", verbatim=True)
