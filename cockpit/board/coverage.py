"""Which services alert rules watch: named by a rule's labels, or by its expression's equality selectors."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from cockpit.model.reading import Rule
from cockpit.promql import PromqlError, parse
from cockpit.topology.naming import Naming

_KEPT = 8192


class Coverage:
    """Reads rules once: what an expression names does not change with its evaluations.

    Args:
        naming: By the map whose services are watched.
    """

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._known: OrderedDict[tuple[str, tuple[tuple[str, str], ...]], frozenset[str]] = OrderedDict()

    def of_rules(self, rules: Iterable[Rule]) -> frozenset[str]:
        """Return the map's services that these rules cover; a rule that cannot be evaluated covers nothing."""
        found: set[str] = set()
        for rule in rules:
            if rule.health != "err":
                found |= self._of_rule(rule)
        return frozenset(found)

    def _of_rule(self, rule: Rule) -> frozenset[str]:
        key = (rule.expression, tuple(sorted(rule.labels.items())))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = frozenset(self._read(rule.expression, rule.labels))
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known

    def _read(self, expression: str, labels: Mapping[str, str]) -> Iterable[str]:
        """Give the mapped services that a rule names: together by all it says, and by each selector alone."""
        try:
            selectors = parse(expression).selectors
        except PromqlError:
            selectors = ()
        for said in (labels, {**dict(selectors), **labels}, *({name: value} for name, value in selectors)):
            if said:
                named = self._naming.of_labels(said)
                if named.mapped:
                    yield named.service
