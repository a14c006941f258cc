"""The naming of one map, kept while the map is the same: questions are asked at each key."""

from cockpit.model.topology import IntegrationMap
from cockpit.topology.naming import Naming
from cockpit.triage.memo import Memo


def _naming(source: IntegrationMap, exporters: tuple[str, ...]) -> Naming:
    return Naming(source, exporters)


naming_of = Memo(_naming)
"""Naming of a map with the names of its exporters."""
