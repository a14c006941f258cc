"""The formats that are imported, and which one a file has: by what it holds first, by its name where that is broken."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from cockpit.topology.importing import backstage, compose, dot, jaeger, kiali, mermaid, node_link, own, prometheus
from cockpit.topology.importing.document import At, File, Unreadable, in_file
from cockpit.topology.importing.json_text import read_json
from cockpit.topology.importing.sketch import Imported
from cockpit.topology.importing.yaml_text import read_yaml
from cockpit.topology.nodes import LONGEST


@dataclass(frozen=True, slots=True)
class Format:
    """One format."""

    name: str
    """As `--format` names it."""
    says: str
    """What such a file is."""
    read: Callable[[File], Imported]
    recognise: Callable[[At], bool] | None = None
    """Asked of a document of JSON or YAML."""
    endings: tuple[str, ...] = ()
    """How names of such files end."""


FORMATS = (
    Format("kiali", "Kiali's graph", kiali.read, kiali.recognise),
    Format("jaeger", "Jaeger's dependencies", jaeger.read, jaeger.recognise),
    Format("prometheus", "an answer of Prometheus", prometheus.read, prometheus.recognise),
    Format("backstage", "a Backstage catalogue", backstage.read, backstage.recognise),
    Format("compose", "a Docker Compose file", compose.read, compose.recognise),
    Format("cockpit", "a map of Cockpit's own", own.read, own.recognise),
    Format("node-link", "a node-link graph", node_link.read, node_link.recognise),
    Format("mermaid", "a Mermaid flowchart", mermaid.read, None, (".mmd", ".mermaid", ".md", ".markdown")),
    Format("dot", "a Graphviz digraph", dot.read, None, (".dot", ".gv")),
)
"""Every format, in the order in which a document is asked whether it is one."""

_BY_NAME = {one.name: one for one in FORMATS}
_ALSO = {
    "docker-compose": "compose",
    "graphviz": "dot",
    "networkx": "node-link",
    "d3": "node-link",
    "service-graph": "prometheus",
    "istio": "prometheus",
    "kube": "prometheus",
    "catalog-info": "backstage",
    "map": "cockpit",
    "yaml": "cockpit",
    "json": "cockpit",
}
_CATALOGUE = re.compile(r"catalog-info[\w.-]*\.ya?ml$", re.IGNORECASE)
_MEANT_AS_YAML = re.compile(r"^(?:services|apiVersion|map|teams|journeys|metadata):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one file, or of several that belong together."""

    files: tuple[File, ...]
    format: Format
    imported: Imported


def format_named(name: str) -> Format | None:
    """Return the format of a name, `docker-compose` and the like included; null where there is none."""
    plain = name.strip().lower()
    return _BY_NAME.get(_ALSO.get(plain, plain))


def import_file(name: str, text: str, form: str | None = None) -> Imported:
    """Return what a file says.

    Args:
        name: What it is called, a path or a word.
        text: What it holds.
        form: The name of its format; found out by default.

    Raises:
        Unreadable: It is none of the formats, or broken.
    """
    (read,) = import_files([File(name, text)], form)
    return read.imported


def import_files(files: Sequence[File], form: str | None = None) -> tuple[Read, ...]:
    """Return what each file says; files of one catalogue, which refer to one another, are read as one.

    Raises:
        Unreadable: A file is none of the formats, or broken; names the file.
    """
    kinds: list[tuple[File, Format]] = []
    for file in files:
        with in_file(file):
            kinds.append((file, format_named(form or "") or detect(file)))
    catalogue = tuple(file for file, one in kinds if one.name == "backstage")
    stack = [(file, compose.services_of(file)) for file, one in kinds if one.name == "compose" and len(kinds) > 1]
    reads: list[Read] = []
    for file, one in kinds:
        if one.name == "compose":
            beside = frozenset[str]().union(*(names for other, names in stack if other is not file))
            whole = _read(file, partial(compose.read, beside=beside), one, guessed=form is None)
            reads.append(Read((file,), one, whole))
        elif one.name != "backstage":
            reads.append(Read((file,), one, _read(file, one.read, one, guessed=form is None)))
        elif file is catalogue[0]:
            whole = _read(file, lambda _: backstage.read(*catalogue), one, guessed=form is None)
            reads.append(Read(catalogue, one, whole))
    return tuple(reads)


def _read(file: File, read: Callable[[File], Imported], form: Format, *, guessed: bool) -> Imported:
    with in_file(file):
        try:
            return read(file)
        except Unreadable as error:
            if guessed:
                error.remedy += f" (it was read as {form.says}; --format names another one)"
            raise


def detect(file: File) -> Format:
    """Return the format of a file.

    Raises:
        Unreadable: It is none; says which were tried.
    """
    text = file.text.lstrip("\ufeff \t\r\n")
    if not text:
        raise Unreadable(1, "is empty", f"give a file of one of these formats: {_names(FORMATS)}")
    by_name = _by_name(file)
    if by_name is not None and by_name.recognise is None:
        return by_name
    if text[0] in "{[":
        return _of_json(file, by_name)
    if dot.recognise(file.text):
        return _BY_NAME["dot"]
    if mermaid.recognise(file.text):
        return _BY_NAME["mermaid"]
    return by_name if by_name is not None else _of_yaml(file)


def _by_name(file: File) -> Format | None:
    base = file.base.lower()
    if compose.named(base):
        return _BY_NAME["compose"]
    if _CATALOGUE.match(base):
        return _BY_NAME["backstage"]
    return next((one for one in FORMATS if base.endswith(one.endings or ("\0",))), None)


def _of_json(file: File, by_name: Format | None) -> Format:
    try:
        root = read_json(file.text)
    except Unreadable:
        if file.base.lower().endswith((".yaml", ".yml")):
            return by_name or _of_yaml(file)  # YAML may begin with a bracket too
        raise
    found = _recognised([root])
    if found is None:
        raise _unknown([one for one in FORMATS if one.recognise is not None])
    return found


def _of_yaml(file: File) -> Format:
    if len(file.text) > LONGEST:
        raise Unreadable(1, f"the file has {len(file.text):,} characters", f"at most {LONGEST:,} are read; split it")
    try:
        roots = read_yaml(file.text, file.name)
    except Unreadable as error:
        if file.base.lower().endswith((".yaml", ".yml")) or _MEANT_AS_YAML.search(file.text):
            raise
        raise _unknown(FORMATS) from error
    found = _recognised(roots)
    if found is None:
        raise _unknown(FORMATS)
    return found


def _recognised(roots: Iterable[At]) -> Format | None:
    for root in roots:
        for one in FORMATS:
            if root.is_mapping | root.is_list and one.recognise is not None and one.recognise(root):
                return one
    return None


def _unknown(tried: Sequence[Format]) -> Unreadable:
    return Unreadable(1, f"is none of the formats that were tried: {_names(tried)}", "name its format with --format")


def _names(formats: Sequence[Format]) -> str:
    return ", ".join(one.name for one in formats)
