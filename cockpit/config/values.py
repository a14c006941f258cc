"""The configuration as plain values; they know nothing of files, and nothing of the kinds of system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from cockpit.text import one_line


class ConfigError(Exception):
    """Something in a configuration or on the command line is wrong; names the place and the remedy.

    Printed as `cockpit: PLACE: what; remedy`.
    """

    def __init__(self, place: str, what: str, remedy: str) -> None:
        super().__init__(one_line(f"{place}: {what}; {remedy}", 1000))
        self.place = place
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret comes from; exactly one of the three is set. It never holds the secret."""

    file: str | None = None
    env: str | None = None
    command: tuple[str, ...] | None = None
    """Run without a shell and without a terminal."""
    place: str = ""
    """Where the configuration names it, for errors."""
    key: str = ""
    """Where in the file it stands, when that is another tool's YAML: `basic_auth.password`; empty: the whole file."""


@dataclass(frozen=True, slots=True)
class SystemSpec:
    """One system of a context: what all kinds have in common, and the rest as it stands in the file."""

    name: str
    kind: str
    place: str = ""
    """`config.toml: contexts.prod.systems.git`."""
    urls: tuple[str, ...] = ()
    """The peers of one cluster, or the one `url`."""
    token: Secret | None = None
    user: str | None = None
    password: Secret | None = None
    api_key: Secret | None = None
    app_key: Secret | None = None
    org: str | None = None
    """Sent as `X-Scope-OrgID`."""
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    proxy: str | None = None
    verify: bool | str = True
    """A CA file, or false to verify nothing, which the header shows."""
    client_certificate: str | None = None
    client_key: str | None = None
    every: timedelta | None = None
    """Null means the kind's own cadence."""
    timeout: timedelta = timedelta(seconds=10)
    labels: Mapping[str, str] = field(default_factory=dict)
    """Added to what it reports."""
    write: bool = False
    extra: Mapping[str, object] = field(default_factory=dict)
    """Keys of the kind's own; checked by its module."""


@dataclass(frozen=True, slots=True)
class Me:
    """The person at the screen."""

    name: str = ""
    """Empty means the login name."""
    teams: tuple[str, ...] = ()


DEFAULT_HEARTBEAT = ('alertname="Watchdog"',)
"""Alerts that are never alerts, but whose absence is."""

DEFAULT_DIM = ('alertname="InfoInhibitor"', 'severity=~"none|info"')
"""Alerts that take one dim line with a count."""

DEFAULT_EXPORTERS = (
    "kube-state-metrics",
    "node-exporter",
    "kubelet",
    "cadvisor",
    "blackbox",
    "blackbox-exporter",
    "prometheus-node-exporter",
    "pushgateway",
    "process-exporter",
    "snmp-exporter",
    "statsd-exporter",
)
"""Label values that name an exporter, not a service; also as a suffix."""


@dataclass(frozen=True, slots=True)
class Context:
    """One context: a map, the systems, and how they are shown."""

    name: str
    map: str | None = None
    production: bool = False
    read_only: bool = True
    window: timedelta = timedelta(hours=4)
    shift: timedelta = timedelta(hours=12)
    """How long a shift lasts: so far its start looks back, and ahead."""
    baking: timedelta = timedelta(hours=1)
    """How long a deploy counts as still baking, where nobody says that it rolls."""
    timezone: str | None = None
    """An IANA name; null means $TZ, else the host's."""
    times: str = "utc"
    """Which zone panes other than header and WHEN show: utc or local."""
    me: Me = Me()
    heartbeat: tuple[str, ...] = DEFAULT_HEARTBEAT
    dim: tuple[str, ...] = DEFAULT_DIM
    exporters: tuple[str, ...] = DEFAULT_EXPORTERS
    severities: Mapping[str, str] = field(default_factory=dict)
    """Other scales, mapped to P1 to P4: `{"sev1" = "P2"}`; a label alone proposes at most P2."""
    bell: bool = True
    bell_every: timedelta = timedelta(minutes=1)
    views: Mapping[str, str] = field(default_factory=dict)
    """Named filters."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Action id to key or keys, separated by commas."""
    theme: str | None = None
    ascii: bool | None = None
    """Null means: by locale and TERM."""
    mouse: bool = False
    shared_cache: str | None = None
    """A folder in which cockpits share answers; empty for the one in the cache folder, null for none."""
    systems: tuple[SystemSpec, ...] = ()
    source: str = ""
    """Where it came from: a file's path, `command line`, `environment`, `amtool`, `default`."""
    tried: tuple[str, ...] = ()
    """Without a configuration: what was looked at, in order, for the screen to say."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that was configured."""

    contexts: Mapping[str, Context]
    context: str
    """Name of the chosen one."""
    paths: tuple[str, ...] = ()
    """Files that were read, the one that counts most last; none without a configuration."""

    @property
    def chosen(self) -> Context:
        """The chosen context."""
        return self.contexts[self.context]
