"""Docker Compose files: the services of a stack, what they start after, link to, and are told the address of."""

import re
from collections.abc import Iterable, Iterator, Mapping

from cockpit.model.topology import Provenance
from cockpit.topology.importing.document import NAME, At, File, Unreadable
from cockpit.topology.importing.kinds import kind_of_image
from cockpit.topology.importing.sketch import Imported, Sketch
from cockpit.topology.importing.yaml_text import read_yaml
from cockpit.topology.names import normal

_KEYS = frozenset(
    [
        "image",
        "build",
        "command",
        "depends_on",
        "environment",
        "env_file",
        "ports",
        "expose",
        "links",
        "networks",
        "volumes",
        "deploy",
        "restart",
        "healthcheck",
        "extends",
        "profiles",
        "container_name",
        "entrypoint",
        "labels",
        "logging",
        "mem_limit",
        "hostname",
        "secrets",
        "configs",
        "develop",
    ]
)
_SHAPE = "write `services:` with one entry for each service"
_NAMES = re.compile(r"(?:docker-)?compose[\w.-]*\.ya?ml$", re.IGNORECASE)
_HOST = re.compile(
    r"(?<![\w.-])(?:(?P<scheme>[a-z][a-z0-9+.-]{1,20})://)?(?:[^\s/@,;=]{0,100}@)?(?P<host>[A-Za-z0-9][\w.-]*)(?P<port>:\d{2,5})?(?![\w-])"
)
_VARIABLE = re.compile(r"\$\$|\$\{(?P<long>\w+)(?::?(?P<mark>[-?+=])(?P<other>[^{}]*))?\}|\$(?P<short>[A-Za-z_]\w*)")
_ABOUT_A_HOST = re.compile(
    r"(?i)(?:addr|address|host|hosts|url|uri|endpoint|server|servers|broker|brokers|upstream|dsn|bootstrap|target|service|_to)s?$"
)
_ADDRESS_OF = re.compile(r"^(?P<who>[A-Z0-9_]+?)_(?:SERVICE_)?(?:ADDR|ADDRESS|HOST|URL|URI|ENDPOINT)$")
_TEAM_LABELS = ("team", "owner", "squad")
_DEEPEST = 20
"""Levels of `extends` that are followed."""

_SCHEMES = {"postgresql": "postgres", "mongodb+srv": "mongodb", "rediss": "redis", "amqps": "amqp", "mysql2": "mysql"}


def named(base: str) -> bool:
    """Tell whether a file's name is one that Compose files have."""
    return _NAMES.match(base) is not None


def recognise(root: At) -> bool:
    """Tell whether a YAML document looks like a Compose file."""
    services = root.get("services")
    if services is None or not services.is_mapping:
        return False
    return any(key in _KEYS for _, one in services.entries() if one.is_mapping for key, _ in one.entries())


def services_of(file: File) -> frozenset[str]:
    """Return the names of a file's services, for another file of the same stack; none where it cannot be read."""
    try:
        roots = read_yaml(file.text, file.name)
    except Unreadable:
        return frozenset()
    services = roots[0].get("services") if roots else None
    return (
        frozenset(name for name, _ in services.entries())
        if services is not None and services.is_mapping
        else frozenset()
    )


def read(file: File, beside: frozenset[str] = frozenset()) -> Imported:
    """Return the map: links are declared; start orders and addresses let a hop be inferred.

    Args:
        file: The file.
        beside: Services of other files of the same stack, which this one may name.
    """
    roots = read_yaml(file.text, file.name)
    root = roots[0] if roots else None
    services = None if root is None else root.get("services")
    if root is None or services is None:
        raise Unreadable(1 if root is None else root.line, "has no `services`", _SHAPE)
    sketch = Sketch(root.text_of("name") or file.stem, file.teller("compose"))
    every = {_name(name, one): _Stack(services, sketch).whole(name, one) for name, one in services.entries()}
    if not every:
        raise Unreadable(services.line, "has no services", _SHAPE)
    if root.get("include") is not None:
        sketch.note("files under `include` were not read; import them too")
    hosts: dict[str, str] = {}
    for name, one in every.items():
        _service(sketch, name, one)
    for name, one in every.items():
        for host in (name, *_other_names(one)):
            hosts.setdefault(normal(host), name)
    for name in beside:
        hosts.setdefault(normal(name), name)
    meant = _by_variable({*every, *beside})
    for name, one in every.items():
        _links(sketch, name, one, hosts)
        _after(sketch, name, one, {*every, *beside})
        _addresses(sketch, name, one, hosts, meant)
    called = sketch.called()
    for name, one in every.items():
        if "ports" in one and name not in called and kind_of_image(_text(one, "image")) == "service":
            sketch.entry(name)
    return sketch.whole()


_Keys = Mapping[str, At]


class _Stack:
    """Follows `extends` within one file."""

    def __init__(self, services: At, sketch: Sketch) -> None:
        self._services = services
        self._sketch = sketch

    def whole(self, name: str, one: At, level: int = 0) -> dict[str, At]:
        """Return a service's keys, those that it extends below its own."""
        if one.value is None:
            return {}
        own = {key: value for key, value in one.entries() if value.value is not None}
        extends = own.get("extends")
        if extends is None:
            return own
        base_name = extends.text_of("service") if extends.is_mapping else extends.text()
        if extends.is_mapping and extends.get("file") is not None:
            said = extends.text_of("file")
            self._sketch.note(f"{name} extends {base_name} of {said}, which was not read; import that file too")
            return own
        base = self._services.get(base_name)
        if base is None:
            raise extends.wrong(f'names "{base_name}", which is no service of this file', "correct the name")
        if level >= _DEEPEST:
            raise extends.wrong("goes round", "let no service extend itself")
        return {**self.whole(base_name, base, level + 1), **own}


def _text(one: _Keys, key: str) -> str:
    return one[key].text() if key in one and isinstance(one[key].value, str) else ""


def _name(name: str, one: At) -> str:
    if not name or len(name) > NAME:
        raise one.wrong("is no name of a service", f"write a name of 1 to {NAME} characters")
    return name


def _service(sketch: Sketch, name: str, one: _Keys) -> None:
    labels = {label: value.text() for label, value in _pairs(one, "labels") if isinstance(value.value, str)}
    team = next((labels[label] for label in _TEAM_LABELS if labels.get(label)), "")
    sketch.service(name, kind=kind_of_image(_text(one, "image")), team=team or None, aliases=_other_names(one))


def _other_names(one: _Keys) -> list[str]:
    """Return a container's other names: its host name and the aliases of its networks."""
    found = [_text(one, "hostname"), _text(one, "container_name")]
    networks = one.get("networks")
    if networks is not None and networks.is_mapping:
        for _, network in networks.entries():
            found += [alias.text() for alias in network.items_of("aliases")]
    return [host for host in found if host and "$" not in host]


def _pairs(one: _Keys, key: str) -> Iterator[tuple[str, At]]:
    """Yield names and values of what may be written as a mapping or as a list of `NAME=value`; a name alone holds null."""
    found = one.get(key)
    if found is None:
        return
    if found.is_mapping:
        yield from found.entries()
    elif found.is_list:
        for item in found.items():
            name, mark, value = item.text().partition("=")
            yield name, At(value if mark else None, item.path, item.line_of)
    else:
        raise found.wrong("should be a mapping or a list", "write it as `NAME: value`, one a line")


def _links(sketch: Sketch, name: str, one: _Keys, hosts: Mapping[str, str]) -> None:
    for key in ("links", "external_links"):
        for item in one[key].items() if key in one else ():
            target = item.text().split(":")[0]
            found = hosts.get(normal(target))
            if found is None and key == "links":
                raise item.wrong(f'names "{target}", which is no service of this file', "add it, or correct the name")
            sketch.call(name, found or sketch.service(target, kind="third-party"))


def _after(sketch: Sketch, name: str, one: _Keys, every: set[str]) -> None:
    """Note what a service starts after: a start order lets a hop be inferred, but of what runs once and ends."""
    found = one.get("depends_on")
    if found is None:
        return
    short = [(item.text(), item, "") for item in found.items()] if found.is_list else []
    targets = short or [(target, how, how.text_of("condition")) for target, how in found.entries()]
    for target, place, condition in targets:
        if target not in every:
            if place.get("required") is not None and place.text_of("required") == "false":
                continue
            raise place.wrong(f'names "{target}", which is no service of this file', "add it, or correct the name")
        if condition == "service_completed_successfully":
            sketch.note(f"{name} starts after {target} has ended, which is no hop")
        elif target != name:
            sketch.call(name, target, provenance=Provenance.INFERRED)


def _by_variable(every: Iterable[str]) -> dict[str, str]:
    """Return services by what variables call them: `cart` and `cartservice` of CART_ADDR, where only one is meant."""
    found: dict[str, dict[str, None]] = {}
    for name in every:
        plain = normal(name).replace("-", "")
        for spelled in {plain, plain.removesuffix("service")}:
            found.setdefault(spelled, {})[name] = None
    return {spelled: next(iter(names)) for spelled, names in found.items() if len(names) == 1 and spelled}


def _addresses(sketch: Sketch, name: str, one: _Keys, hosts: Mapping[str, str], meant: Mapping[str, str]) -> None:
    """Infer a hop from what holds another service's address: a variable, or an argument; or is named as one."""
    for argument in _arguments(one):
        for target, protocol in _targets("", argument, hosts):
            if target != name:
                sketch.call(name, target, protocol=protocol, provenance=Provenance.INFERRED)
    for variable, value in _pairs(one, "environment"):
        text = value.text() if isinstance(value.value, str) else ""
        plain = _VARIABLE.sub(lambda found: (found["other"] or "") if found["mark"] in {"-", "="} else "", text)
        targets = dict(_targets(variable, plain, hosts))
        if not targets:
            unset = [found["long"] or found["short"] or "" for found in _VARIABLE.finditer(text)]
            for word in [variable, *unset] if value.value is None else unset:
                owner = meant.get(_owner_of(word))
                if owner is not None:
                    targets.setdefault(owner, "")
        for target, protocol in targets.items():
            if target != name:
                sketch.call(name, target, protocol=protocol, provenance=Provenance.INFERRED)


def _arguments(one: _Keys) -> Iterator[str]:
    for key in ("command", "entrypoint"):
        given = one.get(key)
        if given is not None:
            yield from (word.text() for word in (given.items() if given.is_list else [given]) if not word.is_mapping)


def _owner_of(variable: str) -> str:
    """Return whose address a variable's name says it is, without separators: `cart` of CART_ADDR; else nothing."""
    found = _ADDRESS_OF.match(variable.upper())
    return found["who"].lower().replace("_", "") if found else ""


def _targets(variable: str, text: str, hosts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield services whose host stands in a value, with the protocol where a URL says it.

    A bare word is a host only where the variable's name says that it holds one, or a port stands behind it.
    """
    about = _ABOUT_A_HOST.search(variable) is not None
    for found in _HOST.finditer(text):
        target = hosts.get(normal(found["host"].rstrip(".")))
        if target is None:
            continue
        scheme = (found["scheme"] or "").lower()
        whole = found[0] == text
        if scheme or found["port"] or (about and (whole or "," in text)):
            yield target, _SCHEMES.get(scheme, scheme.split("+")[0])
