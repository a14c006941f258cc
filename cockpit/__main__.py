"""Reads the arguments, then chooses between the command line and the screen; imports nothing heavy before."""

import os
import sys
from collections.abc import Sequence

_DONE = 0
_FAILED = 1
_WRONG = 2
_INTERRUPTED = 130

_COMMANDS = {
    "alerts": "cockpit.cli.alerts",
    "changes": "cockpit.cli.changes",
    "drill": "cockpit.cli.drill",
    "annotate": "cockpit.cli.annotate",
    "start": "cockpit.cli.shift",
    "note": "cockpit.cli.shift_note",
    "check": "cockpit.cli.map_check",
    "show": "cockpit.cli.map_show",
    "draft": "cockpit.cli.map_draft",
    "import": "cockpit.cli.map_import",
    "export": "cockpit.cli.map_export",
    "doctor": "cockpit.cli.doctor",
    "init": "cockpit.cli.init",
    "info": "cockpit.cli.info",
    "record": "cockpit.cli.record",
}
"""Which module runs a command; all others are the screen."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run Cockpit and return its exit code: 0 done, 1 failed, 2 wrong usage or configuration, 3 not answered.

    No error is shown as a trace: the log has it.
    """
    try:
        code = _run(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return _DONE
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else _DONE
    except Exception as error:  # noqa: BLE001 - the outermost edge: told in one line, kept in the log
        return _told(error)
    finally:
        _close_log()
    return code


def _run(argv: Sequence[str] | None) -> int:
    from cockpit import garbage

    garbage.hold()
    from cockpit.cli.arguments import parse

    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    options = parse(argv)
    module = _COMMANDS.get(options.map_command or options.shift_command or options.command or "")
    if module is None:
        from cockpit.cli.play import play

        return play(options, _screen)
    from importlib import import_module

    from cockpit.locations import log_file
    from cockpit.logs import open_log

    open_log(log_file())
    run = import_module(module).run
    garbage.go_on()
    code: int = run(options)
    return code


def _screen(*args: object, **settings: object) -> int:
    """Open the screen; the command line itself knows nothing of it."""
    from importlib import import_module

    code: int = import_module("cockpit.app").run(*args, **settings)
    return code


def _told(error: Exception) -> int:
    """Say an error in one line, and return its exit code."""
    from cockpit.cli.options import Usage
    from cockpit.config import ConfigError
    from cockpit.text import one_line

    if isinstance(error, Usage | ConfigError):
        sys.stderr.write(f"cockpit: {one_line(str(error), 1000)}\n")
        return _WRONG
    from cockpit.locations import log_file
    from cockpit.logs import log_crash

    place = log_crash(log_file(), error)
    sys.stderr.write(f"cockpit: {place}: internal error, {type(error).__name__}; the trace is in {log_file()}\n")
    return _FAILED


def _close_log() -> None:
    logs = sys.modules.get("cockpit.logs")
    if logs is not None:
        logs.close_log()


def _forget_output() -> None:
    """Let what is still buffered go nowhere: whoever read it is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
