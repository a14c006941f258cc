"""What options say about the configuration; light, for the first frame waits for it."""

from pathlib import Path

from cockpit.cli.options import Options
from cockpit.config import Config
from cockpit.config.direct import Asked


def asked_of(options: Options) -> Asked:
    """Return what the options say about the configuration."""
    return Asked(
        config=options.config,
        context=options.context,
        alertmanagers=tuple(options.alertmanagers or ()),
        prometheuses=tuple(options.prometheuses or ()),
        map=options.map_name,
    )


def folder_of(config: Config) -> Path | None:
    """Return the folder where a configuration's map may lie; null without a configuration."""
    return Path(config.paths[-1]).parent if config.paths else None
