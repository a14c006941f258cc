"""`cockpit map export`: an integration map as YAML, JSON, Mermaid or DOT."""

import json
from collections.abc import Callable

from cockpit.cli.maps import choose_map
from cockpit.cli.options import Options, Usage
from cockpit.cli.output import counted, note, say, say_json
from cockpit.model.topology import IntegrationMap
from cockpit.topology.exporting import as_dot, as_json, as_mermaid, as_yaml
from cockpit.topology.problems import close


def _as_json_text(source: IntegrationMap) -> str:
    return json.dumps(as_json(source), ensure_ascii=False, indent=2)


_FORMATS: dict[str, Callable[[IntegrationMap], str]] = {
    "yaml": as_yaml,
    "json": _as_json_text,
    "mermaid": as_mermaid,
    "dot": as_dot,
}
"""What a map can be written as."""


def run(options: Options) -> int:
    """Print the map; 1 where it has no services."""
    form = options.format or ("json" if options.json else "yaml")
    if form not in _FORMATS:
        meant = close(form, _FORMATS)
        remedy = (f"did you mean {meant}? " if meant else "") + f"formats: {', '.join(_FORMATS)}"
        raise Usage("--format", f"there is no format {form!r}", remedy)
    if options.json and form != "json":
        raise Usage("--json", f"stands beside --format {form}", "leave one of them out")
    chosen = choose_map(options)
    source, problems = chosen.read()
    if errors := sum(problem.fatal for problem in problems):
        note(f"{chosen.file}: {counted(errors, 'error')}; what cannot be used is left out, see cockpit map check")
    if source.empty:
        note(f"{chosen.file}: has no services")
        return 1
    if options.json:
        say_json(as_json(source))
    else:
        say(_FORMATS[form](source).rstrip("\n"))
    return 0
