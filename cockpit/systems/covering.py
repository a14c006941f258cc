"""Which services a system would have reported a change of, where nothing lists them: those it was told, those it saw."""

from collections.abc import Iterable, Sequence

from cockpit.model.topology import IntegrationMap
from cockpit.text import one_line

EVERY = "*"
"""Stands in `covers` for every service of the map."""

_FOREIGN = frozenset({"third-party"})
"""Kinds of service that nobody here deploys."""

_MOST = 5000
"""Names that are remembered."""


class Covers:
    """Names of services, as a source calls them.

    Args:
        told: The setting `covers`; `"*"` is every service of the map but third parties.
        known: The map.
    """

    def __init__(self, told: Sequence[str], known: IntegrationMap) -> None:
        every = [name for name, service in known.services.items() if service.kind not in _FOREIGN]
        named = [name for one in told for name in (every if one == EVERY else [one_line(one, 200)])]
        self._names: dict[str, None] = dict.fromkeys(filter(None, named))

    def saw(self, names: Iterable[str]) -> None:
        """Note services that it reported of."""
        for name in names:
            if name and len(self._names) < _MOST:
                self._names[name] = None

    @property
    def names(self) -> tuple[str, ...]:
        """All that are known."""
        return tuple(self._names)
