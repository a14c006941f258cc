"""Jaeger's answer to `/api/dependencies`: who called whom in the traces that it kept."""

from cockpit.model.topology import Provenance
from cockpit.topology.importing.document import At, File, Unreadable
from cockpit.topology.importing.json_text import read_json
from cockpit.topology.importing.sketch import Imported, Sketch

_ASK = "save what `curl 'JAEGER/api/dependencies?endTs=MILLISECONDS&lookback=86400000'` answers"


def recognise(root: At) -> bool:
    """Tell whether a JSON document looks like Jaeger's."""
    data = root if root.is_list else root.get("data")
    first = next(iter(data.items()), None) if data is not None and data.is_list else None
    return first is not None and first.get("parent") is not None and first.get("child") is not None


def read(file: File) -> Imported:
    """Return the map; Jaeger does not say when, so that nothing in it has been seen at a moment."""
    root = read_json(file.text)
    for error in root.items_of("errors"):
        said = error.text_of("msg") if error.is_mapping else error.text()
        raise Unreadable(error.line, f"Jaeger answered with an error: {said}", _ASK)
    data = root if root.is_list else root.get("data")
    if data is None:
        raise Unreadable(1, "has no `data`, as Jaeger's answer has", _ASK)
    sketch = Sketch(file.stem, "jaeger", Provenance.OBSERVED)
    for link in data.items():
        parent, child = link.get("parent"), link.get("child")
        if parent is None or child is None:
            raise link.wrong("has no `parent` and `child`", _ASK)
        sketch.call(parent.name(), child.name())
    if not len(sketch):
        raise Unreadable(data.line, "Jaeger knows no dependencies", "ask for a longer `lookback`")
    return sketch.whole()
