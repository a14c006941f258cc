"""`cockpit init`: writes an annotated configuration, readable by its owner only, and never over another one."""

import os
from pathlib import Path

from cockpit import locations
from cockpit.cli.opening import asked_of
from cockpit.cli.options import Options
from cockpit.cli.output import note, say, say_json
from cockpit.cli.template import configuration
from cockpit.config import ConfigError
from cockpit.config.direct import DEFAULT_ALERTMANAGER, DEFAULT_PROMETHEUS, direct_systems


def run(options: Options) -> int:
    """Write the configuration and print its path; 1 where there is one already."""
    asked = asked_of(options)
    systems = direct_systems(asked)
    text = configuration(
        context=options.context or "prod",
        alertmanagers=next((spec.urls for spec in systems if spec.kind == "alertmanager"), (DEFAULT_ALERTMANAGER,)),
        prometheuses=tuple(spec.urls[0] for spec in systems if spec.kind == "prometheus") or (DEFAULT_PROMETHEUS,),
        map_name=options.map_name,
    )
    named = options.config or os.environ.get("COCKPIT_CONFIG")
    path = Path(named).expanduser().absolute() if named else locations.config_file()
    written = _write(path, text, private=named is None)
    if options.json:
        say_json({"path": str(path), "written": written})
    elif written:
        say(str(path))
    if not written:
        note(f"{path}: exists already and is left as it is; edit it, or write another one with --config FILE")
        return 1
    note("edit the addresses in it, then try them: cockpit doctor")
    return 0


def _write(path: Path, text: str, *, private: bool) -> bool:
    """Write the file, and tell whether it was not there before.

    Raises:
        ConfigError: It cannot be written.
    """
    try:
        if private:
            locations.make_private(path.parent)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return False
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise ConfigError(str(path), what, "choose another place: cockpit init --config FILE") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    return True
