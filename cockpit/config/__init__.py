"""The configuration: plain values, and how they are read from TOML; the formats are a contract with users.

Nothing here knows the kinds of system: what is common to all of them is checked here, the rest
(`SystemSpec.extra`) by the kind's own module in `cockpit.systems`. Importing this package reads nothing;
`cockpit.config.load` does, when it is asked.
"""

from cockpit.config.values import (
    DEFAULT_DIM,
    DEFAULT_EXPORTERS,
    DEFAULT_HEARTBEAT,
    Config,
    ConfigError,
    Context,
    Me,
    Secret,
    SystemSpec,
)

__all__ = [
    "DEFAULT_DIM",
    "DEFAULT_EXPORTERS",
    "DEFAULT_HEARTBEAT",
    "Config",
    "ConfigError",
    "Context",
    "Me",
    "Secret",
    "SystemSpec",
]
