"""Backstage's `catalog-info.yaml`: components, APIs, resources, systems and the groups that own them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.topology.importing.backstage_links import links_of, repository_of
from cockpit.topology.importing.document import At, File, Unreadable, in_file
from cockpit.topology.importing.json_text import read_json
from cockpit.topology.importing.kinds import kind_of_type
from cockpit.topology.importing.sketch import Imported, Sketch
from cockpit.topology.importing.yaml_text import read_yaml
from cockpit.topology.names import normal

_API_VERSION = "backstage.io/"
_SHAPE = "write `apiVersion: backstage.io/v1alpha1`, `kind: Component`, `metadata: {name: …}` and `spec:`"
_NO_SERVICE = frozenset({"library", "documentation", "template", "package", "cli", "tool"})
"""Types of components that are built into others: no packets cross a boundary on the way to them."""

_PROTOCOLS = {"openapi": "http", "swagger": "http", "graphql": "http", "asyncapi": "messaging", "grpc": "grpc"}
_REFERENCE = re.compile(r"^(?:(?P<kind>[a-zA-Z]+):)?(?:(?P<space>[^/:\s]+)/)?(?P<name>[^/:\s]+)$")

_TEXTS = ("runbook", "dashboard", "logs", "status_page", "support", "pagerduty")
"""Fields of a service that links and annotations fill."""

_Key = tuple[str, str, str]
"""Kind, namespace and name, without case: how entities refer to one another."""


@dataclass(frozen=True, slots=True)
class _Entity:
    at: At
    kind: str
    space: str
    name: str
    spec: At | None
    file: File

    @property
    def key(self) -> _Key:
        return self.kind, self.space.lower(), self.name.lower()

    @property
    def type(self) -> str:
        return "" if self.spec is None else self.spec.text_of("type").lower()

    @property
    def is_service(self) -> bool:
        """Whether it runs: libraries do not."""
        return self.kind == "resource" or (self.kind == "component" and self.type not in _NO_SERVICE)


def recognise(root: At) -> bool:
    """Tell whether a document looks like an entity of a catalogue, or like a list of them as its API answers."""
    if root.is_list or (root.get("items") is not None and root.get("kind") is None):
        listed = root if root.is_list else root.get("items")
        first = next(iter(listed.items()), None) if listed is not None and listed.is_list else None
        return first is not None and first.is_mapping and recognise(first)
    version, kind = root.get("apiVersion"), root.get("kind")
    if version is None or kind is None or not isinstance(version.value, str):
        return False
    return _API_VERSION in version.value


def read(*files: File) -> Imported:
    """Return the map of all files together: who consumes an API calls the component that provides it."""
    entities: dict[_Key, _Entity] = {}
    for file in files:
        with in_file(file):
            for root in _roots(file):
                one = None if root.value is None else _entity(root, file)
                if one is not None:
                    entities[one.key] = one
    if not entities:
        raise Unreadable(1, "has no entities of a catalogue", _SHAPE)
    return _Catalogue(files[0], entities).read()


def _roots(file: File) -> Iterator[At]:
    """Yield the entities of a file: documents of YAML, or what the catalogue's API answers as JSON."""
    try:
        roots = [read_json(file.text)] if file.text.lstrip()[:1] in {"[", "{"} else read_yaml(file.text, file.name)
    except Unreadable:
        roots = read_yaml(file.text, file.name)  # YAML may begin with a bracket too
    for root in roots:
        listed = root if root.is_list else root.get("items") if root.get("kind") is None else None
        if listed is None:
            yield root
        else:
            yield from listed.items()


def _entity(root: At, file: File) -> _Entity | None:
    if not root.is_mapping:
        raise root.wrong("should be an entity", _SHAPE)
    if root.get("apiVersion") is None:
        raise root.wrong("has no `apiVersion`", _SHAPE)
    if _API_VERSION not in root.text_of("apiVersion"):
        return None
    metadata = root.get("metadata")
    name = None if metadata is None else metadata.get("name")
    if metadata is None or name is None or not root.text_of("kind"):
        raise (metadata or root).wrong("has no " + ("`kind`" if name else "`metadata.name`"), _SHAPE)
    kind = root.text_of("kind").lower()
    return _Entity(root, kind, metadata.text_of("namespace") or "default", name.name(), root.get("spec"), file)


class _Catalogue:
    """Turns entities into services and hops."""

    def __init__(self, file: File, entities: dict[_Key, _Entity]) -> None:
        self._entities = entities
        bases = {one.file.teller("backstage") for one in entities.values()}
        self._sketch = Sketch(self._called(file, entities), bases.pop() if len(bases) == 1 else "backstage")
        self._names = self._without_doubles(entities)
        self._providers: dict[_Key, list[str]] = {}
        self._apis = {key: one for key, one in entities.items() if one.kind == "api"}

    @staticmethod
    def _called(file: File, entities: dict[_Key, _Entity]) -> str:
        systems = [one.name for one in entities.values() if one.kind == "system"]
        return systems[0] if len(systems) == 1 else file.stem

    @staticmethod
    def _without_doubles(entities: dict[_Key, _Entity]) -> dict[_Key, str]:
        """Return a name for each service; of two with one name all but the first component say what they are."""
        names: dict[_Key, str] = {}
        taken: set[str] = set()
        for one in sorted(entities.values(), key=lambda one: (one.kind != "component", one.space != "default")):
            if not one.is_service:
                continue
            for name in (one.name, f"{one.name}-{one.kind}", f"{one.space}-{one.name}", ":".join(one.key)):
                if normal(name) not in taken:
                    taken.add(normal(name))
                    names[one.key] = name
                    break
        return names

    def read(self) -> Imported:
        """Return the map."""
        for pass_over in (self._nodes, self._provided, self._hops):
            for one in self._entities.values():
                with in_file(one.file):
                    pass_over(one)
        libraries = sum(one.kind == "component" and one.key not in self._names for one in self._entities.values())
        if libraries:
            what = "1 component is no service" if libraries == 1 else f"{libraries} components are no services"
            self._sketch.note(f"{what} but built into some (libraries, documentation), and left out")
        if not len(self._sketch):
            first = next(iter(self._entities.values()))
            with in_file(first.file):
                raise first.at.wrong(*self._without_services())
        return self._sketch.whole()

    def _without_services(self) -> tuple[str, str]:
        """Return what is wrong with a catalogue that has nothing that runs, and the remedy."""
        targets = [
            target.text(100)
            for one in self._entities.values()
            if one.kind == "location"
            for target in (*self._references(one, "targets"), *filter(None, [one.spec and one.spec.get("target")]))
        ]
        if targets:
            return "only says where a catalogue is", f"import the files that it names: {', '.join(targets[:5])}"
        return "has no component and no resource", _SHAPE

    def _nodes(self, one: _Entity) -> None:
        if one.kind == "group":
            self._team(one)
        elif one.key in self._names:
            self._service(one)

    def _provided(self, one: _Entity) -> None:
        for reference in self._references(one, "providesApis"):
            if one.key in self._names:
                self._providers.setdefault(self._key(reference, "api", one), []).append(self._names[one.key])

    def _team(self, group: _Entity) -> None:
        ways = links_of(group.at)
        self._sketch.team(group.name, slack=ways.get("slack"), pagerduty=ways.get("policy"))

    def _service(self, one: _Entity) -> None:
        links = links_of(one.at)
        kind = kind_of_type(one.type)
        team = self._owner(one)
        name = self._sketch.service(
            self._names[one.key],
            kind=kind,
            team=team,
            texts={"repository": repository_of(one.at), **{key: links.get(key) for key in _TEXTS}},
        )
        if team is not None:
            self._sketch.team(team, jira=links.get("jira"))
        if kind == "frontend":
            self._sketch.entry(name)

    def _owner(self, one: _Entity) -> str | None:
        """Return the team that owns an entity, else the one that owns its system."""
        for source in (one, self._system(one)):
            owner = None if source is None or source.spec is None else source.spec.get("owner")
            if owner is not None and owner.text():
                return self._parse(owner)["name"]
        return None

    def _system(self, one: _Entity) -> _Entity | None:
        found = None if one.spec is None else one.spec.get("system")
        return None if found is None else self._entities.get(self._key(found, "system", one))

    def _hops(self, one: _Entity) -> None:
        own = self._names.get(one.key)
        if own is None:
            return
        for reference in self._references(one, "consumesApis"):
            key = self._key(reference, "api", one)
            api = self._apis.get(key)
            protocol = _PROTOCOLS.get(api.type, api.type) if api is not None else ""
            name = api.name if api is not None else self._parse(reference)["name"]
            for provider in self._providers.get(key) or [self._unprovided(name, api)]:
                if provider != own:
                    self._sketch.call(own, provider, protocol=protocol, name=name)
        for reference in self._references(one, "dependsOn"):
            target = self._target(reference, one)
            if target is not None and target != own:
                self._depend(own, target, self._key(reference, "component", one))
        for reference in self._references(one, "dependencyOf"):
            dependent = self._target(reference, one)
            if dependent is not None and dependent != own:
                self._depend(dependent, own, one.key)

    def _depend(self, own: str, target: str, key: _Key) -> None:
        """Note that a service needs another: it calls it, or runs on it where that is a cluster."""
        entity = self._entities.get(key)
        if entity is not None and kind_of_type(entity.type) in {"cluster", "node-pool", "zone"}:
            self._sketch.runs_on(own, target)
        else:
            self._sketch.call(own, target)

    def _unprovided(self, name: str, api: _Entity | None) -> str:
        self._sketch.note(f"nobody here provides the API {name}: it stands as a service of its own")
        return self._sketch.service(
            name if name.lower() not in {one.lower() for one in self._names.values()} else f"{name}-api",
            team=None if api is None else self._owner(api),
        )

    def _target(self, reference: At, one: _Entity) -> str | None:
        """Return the service that a reference means; null where it means none, or a library."""
        key = self._key(reference, "component", one)
        if key in self._names:
            return self._names[key]
        if key[0] == "api":
            providers = self._providers.get(key)
            return providers[0] if providers else None
        if key in self._entities:
            return None
        name = self._parse(reference)["name"]
        if key[0] not in {"component", "resource"}:
            self._sketch.note(f"{one.name} depends on the {key[0]} {name}, which is no service and was left out")
            return None
        self._sketch.note(f"{name} is in none of these files: import the file that describes it too")
        return self._sketch.service(name)

    def _references(self, one: _Entity, key: str) -> Iterator[At]:
        return iter(()) if one.spec is None else one.spec.items_of(key)

    def _key(self, reference: At, kind: str, one: _Entity) -> _Key:
        parts = self._parse(reference)
        return (parts["kind"] or kind).lower(), (parts["space"] or one.space).lower(), parts["name"].lower()

    @staticmethod
    def _parse(reference: At) -> dict[str, str]:
        found = _REFERENCE.match(reference.name())
        if found is None:
            what = f'"{reference.text(60)}" is no reference to an entity'
            raise reference.wrong(what, "write [kind:][namespace/]name, such as component:default/payment")
        return {key: value or "" for key, value in found.groupdict().items()}
