"""Which service an alert, a change or a metric belongs to."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from cockpit.config import DEFAULT_EXPORTERS
from cockpit.matchers import all_match
from cockpit.model.topology import IntegrationMap
from cockpit.topology.names import SAME, normal

_KEPT = 65536
_POD_HASHES = tuple(re.compile(ending) for ending in (r"-[a-z0-9]{5,10}-[a-z0-9]{5}$", r"-[a-z0-9]{5}$", r"-\d+$"))
_NODE_ALERT = re.compile(r"(?:Kube)?Nodes?(?![a-z])")
_OF_THEIR_INSTANCE = ("node-exporter", "blackbox", "blackbox-exporter", "snmp-exporter")
_PORT = re.compile(r":\d+$")
_NONE: Mapping[str, str] = {}


class Named(NamedTuple):
    """What something belongs to; of what is not mapped, cluster and namespace are part of the identity."""

    service: str
    """The map's key, or the label's own value, or empty where no label says anything."""
    mapped: bool
    cluster: str = ""
    """Value of the `cluster` label, else of `region`."""
    namespace: str = ""
    by: str = ""
    """What named it: `match`, a label's name, or `name`."""


class Naming:
    """Names services by one map; quick, as it is asked for every alert of a storm.

    Args:
        source: The map, which may be empty.
        exporters: Label values that name an exporter and not a service, also as a suffix.
    """

    def __init__(self, source: IntegrationMap, exporters: Iterable[str] = DEFAULT_EXPORTERS) -> None:
        self._names: dict[str, str] = {}
        self._pools: dict[str, str] = {}
        for name, service in source.services.items():
            for spelled in (name, *service.aliases):
                self._names.setdefault(normal(spelled), name)
                if service.kind == "node-pool":
                    self._pools.setdefault(normal(spelled), name)
        self._labels = source.labels
        self._matching = tuple((name, service.match) for name, service in source.services.items() if service.match)
        self._matched_on = tuple(dict.fromkeys(one.name for _, matchers in self._matching for one in matchers))
        self._exporters = frozenset(normal(one) for one in exporters if one)
        self._suffixes = tuple(f"-{one}" for one in self._exporters)
        self._matches: dict[tuple[str | None, ...], str | None] = {}
        self._values: dict[tuple[bool, str], tuple[str | None, str | None]] = {}

    def of_labels(self, labels: Mapping[str, str]) -> Named:
        """Return what an alert, a series or a target with these labels belongs to."""
        get = labels.get
        cluster, namespace = get("cluster") or get("region") or "", get("namespace") or ""
        if self._matching:
            service = self._match(labels)
            if service is not None:
                return Named(service, True, cluster, namespace, "match")
        own: tuple[str, str] | None = None
        for label in self._labels:
            value = get(label)
            if not value:
                continue
            service, plain = self._value(value, pod=label == "pod")
            if service is not None:
                return Named(service, True, cluster, namespace, label)
            if own is None and plain is not None:
                own = (plain, label)
                if not self._names:
                    break
        if own is None or _NODE_ALERT.match(get("alertname") or ""):
            node = self._node(get)
            if node is not None:
                value, label = node
                pool = self._pools.get(normal(value))
                return Named(pool or value, pool is not None, cluster, namespace, label)
        if own is None:
            return Named("", False, cluster, namespace)
        return Named(own[0], False, cluster, namespace, own[1])

    def of_name(self, name: str, labels: Mapping[str, str] = _NONE) -> Named:
        """Return what a name belongs to that a feed gave, with the labels that came with it."""
        if not name:
            return self.of_labels(labels)
        cluster, namespace = labels.get("cluster") or labels.get("region") or "", labels.get("namespace") or ""
        if labels and self._matching:
            matched = self._match(labels)
            if matched is not None:
                return Named(matched, True, cluster, namespace, "match")
        service = self._names.get(normal(name))
        return Named(service or name, service is not None, cluster, namespace, "name")

    def _match(self, labels: Mapping[str, str]) -> str | None:
        """Return the first service all of whose matchers hold."""
        key = tuple(map(labels.get, self._matched_on))
        try:
            return self._matches[key]
        except KeyError:
            found = next((name for name, matchers in self._matching if all_match(matchers, labels)), None)
            _keep(self._matches, key, found)
            return found

    def _value(self, value: str, *, pod: bool) -> tuple[str | None, str | None]:
        """Return the service that a label's value names, and the value itself; neither where it is an exporter."""
        key = (pod, value)
        try:
            return self._values[key]
        except KeyError:
            found = self._read(value, pod=pod)
            _keep(self._values, key, found)
            return found

    def _read(self, value: str, *, pod: bool) -> tuple[str | None, str | None]:
        if not pod:
            plain = normal(value)
            return (None, None) if self._exports(plain) else (self._names.get(plain), _one_line(value))
        forms = [value[: found.start()] for ending in _POD_HASHES if (found := ending.search(value))]
        forms.append(value)
        plains = [form.casefold().translate(SAME) for form in forms]
        if any(map(self._exports, plains)):
            return None, None
        return next((self._names[plain] for plain in plains if plain in self._names), None), _one_line(
            forms[0] or value
        )

    def _exports(self, plain: str) -> bool:
        return plain in self._exporters or plain.endswith(self._suffixes)

    def _node(self, get: Callable[[str], str | None]) -> tuple[str, str] | None:
        """Return the node that an alert is on and the label that says so, or null.

        An instance is one only if no exporter reports it, or one whose instance is what it reports of.
        """
        node = get("node")
        if node:
            return node, "node"
        instance = get("instance")
        if not instance:
            return None
        exporters = [plain for plain in map(normal, filter(None, map(get, self._labels))) if self._exports(plain)]
        if exporters and not any(one.endswith(_OF_THEIR_INSTANCE) for one in exporters):
            return None
        return _host(instance), "instance"


def _one_line(value: str) -> str:
    """Return a name that stays on its line, whatever its label holds."""
    return " ".join(value.split()) if "\n" in value else value


def _host(instance: str) -> str:
    """Return an instance without its port; a probed URL stays as it is."""
    if "://" in instance:
        return instance
    host = _PORT.sub("", instance) if instance.count(":") == 1 or "]:" in instance else instance
    return host.strip("[]") or instance


_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def _keep(cache: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(cache) >= _KEPT:
        cache.clear()
    cache[key] = value
