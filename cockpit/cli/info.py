"""`cockpit info`: version, paths and terminal; needs no configuration, and tells whether there is one."""

import locale
import os
import platform
import shutil
import sys
from collections.abc import Mapping

from cockpit import __version__, locations
from cockpit.cli.opening import asked_of
from cockpit.cli.options import Options
from cockpit.cli.output import say, say_json
from cockpit.config import ConfigError
from cockpit.config.load import load
from cockpit.text import one_line


def run(options: Options) -> int:
    """Print where everything is."""
    document = {
        "version": __version__,
        "python": platform.python_version(),
        "configuration": _configuration(options),
        "paths": {
            "config": str(locations.config_file()),
            "system_config": str(locations.SYSTEM_CONFIG),
            "state": str(locations.state_folder()),
            "journal": str(locations.journal_file()),
            "log": str(locations.log_file()),
            "cache": str(locations.cache_folder()),
        },
        "terminal": _terminal(os.environ),
    }
    if options.json:
        say_json(document)
        return 0
    for name, value in document.items():
        if not isinstance(value, dict):
            say(f"{name:14} {value}")
            continue
        say(name)
        for key, below in value.items():
            shown = ", ".join(map(str, below)) if isinstance(below, list) else below
            say(f"  {key:12} {'–' if shown in (None, '') else one_line(str(shown))}")
    return 0


def _configuration(options: Options) -> dict[str, object]:
    """Return what is configured, or what is wrong with it."""
    try:
        config = load(asked_of(options))
    except ConfigError as error:
        return {"files": [], "context": None, "source": None, "systems": [], "error": str(error)}
    context = config.chosen
    return {
        "files": list(config.paths),
        "context": context.name,
        "source": context.source,
        "systems": [f"{spec.name} ({spec.kind})" for spec in context.systems],
        "error": None,
    }


def _terminal(environ: Mapping[str, str]) -> dict[str, object]:
    size = shutil.get_terminal_size()
    return {
        "term": environ.get("TERM"),
        "colours": environ.get("COLORTERM"),
        "no_color": bool(environ.get("NO_COLOR")),
        "size": f"{size.columns}x{size.lines}",
        "is_terminal": sys.stdin.isatty() and sys.stdout.isatty(),
        "tmux": bool(environ.get("TMUX")),
        "ssh": bool(environ.get("SSH_CONNECTION")),
        "encoding": sys.stdout.encoding,
        "locale": locale.setlocale(locale.LC_CTYPE, None),
    }
