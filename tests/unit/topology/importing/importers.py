"""Short words for tests of imports."""

from textwrap import dedent

from cockpit.model.topology import Hop, IntegrationMap
from cockpit.topology.importing.document import Unreadable
from cockpit.topology.importing.formats import import_file
from cockpit.topology.importing.sketch import Imported


def imported(name: str, text: str, form: str | None = None) -> Imported:
    """Return what a file says."""
    return import_file(name, dedent(text), form)


def map_from(name: str, text: str, form: str | None = None) -> IntegrationMap:
    """Return the map that a file says."""
    return imported(name, text, form).map


def refusal(name: str, text: str, form: str | None = None) -> Unreadable:
    """Return why a file is refused."""
    try:
        import_file(name, dedent(text), form)
    except Unreadable as error:
        return error
    raise AssertionError("it was read")


def hop(source: IntegrationMap, caller: str, callee: str) -> Hop:
    """Return one hop of a map."""
    return next(one for one in source.services[caller].calls if one.callee == callee)
