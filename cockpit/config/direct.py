"""Systems without a configuration: from the command line, the environment, amtool's files, or this host."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cockpit.config.files import is_file
from cockpit.config.urls import check_url
from cockpit.config.values import ConfigError, Context, SystemSpec

DEFAULT_ALERTMANAGER = "http://localhost:9093"
"""Asked when nothing else names an Alertmanager."""

DEFAULT_PROMETHEUS = "http://localhost:9090"
"""Asked when nothing at all was named."""

ALERTMANAGER_URL = "ALERTMANAGER_URL"
"""Variable with the peers of one Alertmanager cluster, separated by commas."""

PROMETHEUS_URL = "PROMETHEUS_URL"
"""Variable with one or more Prometheus servers, separated by commas."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says about the configuration."""

    config: str | None = None
    """`--config`: this file instead of the usual ones."""
    context: str | None = None
    """`--context`."""
    alertmanagers: tuple[str, ...] = ()
    """`--alertmanager`, repeated: the peers of one cluster."""
    prometheuses: tuple[str, ...] = ()
    """`--prometheus`, repeated: several servers."""
    map: str | None = None
    """`--map`: a file, or the name of a map that ships with Cockpit."""

    @property
    def direct(self) -> bool:
        """Whether systems or a map are named on the command line itself."""
        return bool(self.alertmanagers or self.prometheuses or self.map)


def direct_systems(asked: Asked, taken: Iterable[str] = ()) -> tuple[SystemSpec, ...]:
    """Return the systems that the command line names; `taken` are names that others already have."""
    return (
        *_alertmanager("--alertmanager", asked.alertmanagers, taken),
        *_prometheuses("--prometheus", asked.prometheuses, taken),
    )


def _alertmanager(place: str, urls: Iterable[str], taken: Iterable[str] = ()) -> tuple[SystemSpec, ...]:
    peers = tuple(dict.fromkeys(check_url(place, url) for url in urls))
    if not peers:
        return ()
    return (SystemSpec(_free("alertmanager", taken), "alertmanager", place=place, urls=peers),)


def _prometheuses(place: str, urls: Iterable[str], taken: Iterable[str] = ()) -> tuple[SystemSpec, ...]:
    names = set(taken)
    specs: list[SystemSpec] = []
    for url in dict.fromkeys(check_url(place, url) for url in urls):
        name = _free("prometheus", names)
        names.add(name)
        specs.append(SystemSpec(name, "prometheus", place=place, urls=(url,)))
    return tuple(specs)


def _free(name: str, taken: Iterable[str]) -> str:
    """Return the name, with the first number behind it that nobody has."""
    names = set(taken)
    numbered = (f"{name}-{number}" for number in range(2, len(names) + 3))
    return name if name not in names else next(candidate for candidate in numbered if candidate not in names)


def direct_map(asked: Asked) -> str | None:
    """Return the map that the command line names, a file as an absolute path."""
    if asked.map is None:
        return None
    if not asked.map.strip():
        raise ConfigError("--map", "is empty", "name a file, or a map that ships with Cockpit")
    path = Path(asked.map).expanduser()
    return str(path.absolute()) if is_file(path) else asked.map


def _from_environment(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def unconfigured(asked: Asked, environ: Mapping[str, str], home: Path, looked_at: tuple[str, ...]) -> Context:
    """Return the context of somebody who configured nothing.

    An Alertmanager is always asked: that of the command line, else of the environment, else of amtool's files,
    else this host's. A Prometheus is asked where one is named; this host's where nothing at all is.

    Args:
        asked: The command line.
        environ: The environment.
        home: The person's home, for amtool's files.
        looked_at: Configuration files that were not there.
    """
    tried = [f"no {path}" for path in looked_at]
    prometheuses = _prometheuses("--prometheus", asked.prometheuses)
    alertmanager = _alertmanager("--alertmanager", asked.alertmanagers)
    sources = ["command line"] if prometheuses or alertmanager else []
    for name, found in ((ALERTMANAGER_URL, alertmanager), (PROMETHEUS_URL, prometheuses)):
        if found:
            continue
        urls = _from_environment(environ, name)
        tried.append(f"{name}={','.join(urls)}" if urls and "@" not in ",".join(urls) else f"{name} is not set")
        if urls and name == ALERTMANAGER_URL:
            alertmanager = _alertmanager(name, urls)
        elif urls:
            prometheuses = _prometheuses(name, urls)
        sources += ["environment"] if urls else []
    if not alertmanager:
        from cockpit.config.amtool import find_amtool

        alertmanager, files = find_amtool(home)
        tried += files
        sources += ["amtool"] if alertmanager else []
    if not alertmanager:
        alertmanager = _alertmanager("default", (DEFAULT_ALERTMANAGER,))
        tried.append(DEFAULT_ALERTMANAGER)
    if not sources:
        prometheuses = _prometheuses("default", (DEFAULT_PROMETHEUS,))
        tried.append(DEFAULT_PROMETHEUS)
    return Context(
        name="default",
        map=direct_map(asked),
        systems=(*alertmanager, *prometheuses),
        source=" and ".join(dict.fromkeys(sources)) or "default",
        tried=tuple(tried),
    )


def overridden(context: Context, asked: Asked) -> Context:
    """Return a configured context with the command line's systems in place of those of their kind, and its map."""
    kinds = {kind for kind, urls in (("alertmanager", asked.alertmanagers), ("prometheus", asked.prometheuses)) if urls}
    kept = tuple(spec for spec in context.systems if spec.kind not in kinds)
    systems = (*kept, *direct_systems(asked, [spec.name for spec in kept]))
    return replace(context, systems=systems, map=direct_map(asked) or context.map)
