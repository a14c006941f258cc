"""Reads the command line into plain options; imports nothing but argparse and the options themselves."""

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from cockpit.cli.options import Options, Usage

_DESCRIPTION = """\
The terminal screen that on-call keeps open: what fired, what changed, where it sits, who owns it.
Without a COMMAND it opens that screen. Everything it knows can be had without it: alerts, changes, drill."""

_EPILOG = """\
without a configuration:
  --alertmanager and --prometheus, else ALERTMANAGER_URL and PROMETHEUS_URL, else amtool's files, else this host
  to keep addresses: cockpit init; to try them: cockpit doctor; to look around without any: cockpit demo

exit codes:
  0 done   1 failed or not found   2 wrong usage or configuration
  3 a system that the command needs did not answer; the answer is printed all the same"""

_COMMANDS = {
    "demo": "the screen on an embedded incident; no network, nothing is kept",
    "alerts": "every alert in every state, not folded",
    "changes": "what was deployed, merged, configured; newest first",
    "drill": "the five questions about one alert, answered with evidence",
    "shift": "the start of a shift, and notes for the next one",
    "annotate": "mark a deploy on the dashboards of Grafana; shown before it is written",
    "map": "check, show, draft, import or export an integration map",
    "doctor": "try every system and every handshake between tools",
    "init": "write an annotated configuration; never overwrites one",
    "record": "keep what every system answers in one file, secrets removed",
    "replay": "the screen on a recording",
    "info": "version, paths and terminal",
}
"""Commands and what they do, in the order of the help."""

_MORE = {
    "demo": "Begins at 14:12 UTC of its day. Without a terminal it prints the worst alert's drill as text.",
    "alerts": "Worst first. Exits 3 where an alert system did not answer.",
    "changes": "Exits 3 where a change system did not answer.",
    "drill": "What people confirmed or edited on the screen counts. Prints null with --json, and exits 0, where nothing\n"
    "fires; exits 1 where there is no such ALERT, and 3 where an alert or change system did not answer.",
    "annotate": "Without CHANGE and --service the newest deploy. Never twice for one deploy. Needs read_only = false in the\n"
    "context and write = true in the system. Exits 1 where it was not written, and 3 where a system did not answer.",
    "shift": "Nothing is kept about who read it.",
    "map": "A map says which services call which, the journeys of users, and who owns what.",
    "doctor": "Each line says what was tried, what came of it and what to do. Exits 1 where a check fails.",
    "init": "Addresses and --map given as flags are written into it, and --context names its context.\n"
    "--config FILE says where; otherwise the usual place. Exits 1 where there is a file already.",
    "record": "Play it with cockpit replay FILE, or let any command answer from it with --recording FILE.",
    "replay": "Without a terminal it prints the worst alert's drill as text.",
    "info": "Needs no configuration, and says what is wrong with the one there is.",
    "start": "Exits 3 where a system that holds alerts, remembers them or reports changes did not answer.",
    "note": "It is shown at the next start of a shift, with its time and who left it; - reads it from standard input.\n"
    "Exits 1 where it could not be kept.",
    "check": "Needs no configuration. Where a Prometheus is configured and answers, it is asked the map's queries too.\n"
    "Exits 1 with errors, 0 with warnings only.",
    "show": "Coloured on a terminal, unless NO_COLOR is set. With --json the graph as one document.",
    "draft": "Calls, journeys and teams are added by hand; then: cockpit map check FILE.",
    "import": "Formats: backstage, compose, jaeger, kiali, prometheus, mermaid, dot, node-link, cockpit; found out by what\n"
    "the file holds. Several files become one map. Exits 1 where one cannot be read.",
    "export": "Mermaid and DOT are imported again with the same services and hops, YAML and JSON with everything.",
}
"""What the help of a command says beside what it does."""

_MAP_COMMANDS = {
    "check": "find what is wrong in a map, with line and remedy",
    "show": "the graph in text",
    "draft": "YAML of what was seen in alerts and targets",
    "import": "files of other formats as a map in YAML",
    "export": "a map as YAML, JSON, Mermaid or DOT",
}
"""Commands below `map`."""

_SHIFT_COMMANDS = {
    "start": "what fires, what ended, what changed, what bakes, which silences end, who is on call",
    "note": "leave a note for the next shift",
}
"""Commands below `shift`."""


_LIVE = frozenset({"init", "record", "info", "note"})
"""Commands that no recording answers."""

_INVALID_CHOICE = re.compile(r"argument COMMAND: invalid choice: '(.*)' \(choose from (.*)\)$", re.DOTALL)
"""What argparse says of a command that there is not."""

_UNKNOWN_FLAG = re.compile(r"unrecognized arguments: (-\S*)")
"""What argparse says of a flag that there is not."""


class _Parser(argparse.ArgumentParser):
    """A parser whose mistakes are one line, like all others."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        place = self.prog.removeprefix("cockpit").strip() or "arguments"
        if found := _INVALID_CHOICE.match(message):
            word, choices = found[1], found[2].replace("'", "").split(", ")
            raise Usage(place, f"there is no command {word!r}", _meant(word, choices, "commands"))
        if found := _UNKNOWN_FLAG.match(message):
            raise _unknown_flag(self, place, found[1].partition("=")[0])
        raise Usage(place, message, f"see {self.prog} --help")


def _unknown_flag(parser: argparse.ArgumentParser, place: str, flag: str) -> Usage:
    flags = _flags(parser)
    if flag in flags:
        return Usage(flag, "does not go with this command", "see the command's --help for what does")
    return Usage(place, f"there is no {flag}", _meant(flag, sorted(flags), "flags"))


def _flags(parser: argparse.ArgumentParser) -> set[str]:
    """Return the long flags of a parser and of its commands."""
    flags: set[str] = set()
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to ask
        flags |= {flag for flag in action.option_strings if flag.startswith("--")}
        for below in action.choices.values() if isinstance(action.choices, dict) else ():
            flags |= _flags(below)
    return flags


def _meant(word: str, known: Sequence[str], what: str) -> str:
    from cockpit.config.table import nearest

    meant = nearest(word, known)
    return f"did you mean {meant}?" if meant else f"{what}: {', '.join(known)}"


def parse(argv: Sequence[str] | None = None) -> Options:
    """Return the options of a command line (the process' own by default).

    Raises:
        Usage: They are none; the message names the nearest known word.
        SystemExit: `--help` or `--version` was printed.
    """
    options = Options(**vars(_parser().parse_args(argv)))
    _check(options)
    return options


def _check(options: Options) -> None:
    """Refuse flags that make no sense together."""
    if options.playing and (options.alertmanagers or options.prometheuses):
        raise Usage("--alertmanager, --prometheus", "a recording answers", "leave the recording or the address out")
    if options.demo and options.recording:
        raise Usage("--recording", "stands beside the demo", "leave one of them out")
    if not options.playing and (options.at is not None or options.speed is not None):
        place = "--speed" if options.at is None else "--at"
        raise Usage(place, "only a recording can be moved in time", "add --demo or --recording FILE")
    if options.playing and options.command in {"record", "init"}:
        raise Usage(options.command, "has nothing to do with a recording", "leave --demo or --recording out")


def _parser() -> _Parser:
    parser = _Parser(prog="cockpit", description=_DESCRIPTION, epilog=_EPILOG, parents=[_common()])
    parser.add_argument("--version", action=_Version, help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    commands.required = False
    made = {name: _command(commands, name, says) for name, says in _COMMANDS.items()}
    _about_alerts(made)
    _about_writing(made)
    _about_playing(made)
    _about_maps(made["map"])
    _about_shifts(made["shift"])
    return parser


def _command(commands: "argparse._SubParsersAction[_Parser]", name: str, says: str) -> _Parser:
    """Add a command; flags that make no sense with it are refused later, and its help does not name them."""
    common = _common(live=name not in {"demo", "replay"}, played=name not in _LIVE)
    description = f"{says[0].upper()}{says[1:]}.\n{_MORE[name]}"
    return commands.add_parser(name, help=says, description=description, parents=[common])


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __init__(self, option_strings: Sequence[str], dest: str, **settings: object) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=str(settings.get("help")))

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from cockpit import __version__

        print(f"cockpit {__version__}")
        parser.exit()


def _common(*, live: bool = True, played: bool = True) -> _Parser:
    """Return what every command takes; a default is left out so that a flag may stand before the command or behind.

    Args:
        live: Whether the help names what says whom to ask.
        played: Whether it names what answers from a recording, and the moment of one.
    """

    def says(shown: bool, text: str) -> str:
        return text if shown else argparse.SUPPRESS

    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    where = common.add_argument_group("where to ask")
    where.add_argument("--config", metavar="FILE", help=says(live, "this configuration instead of the usual ones"))
    where.add_argument("--context", metavar="NAME", help=says(live, "a context of the configuration"))
    where.add_argument(
        "--alertmanager",
        metavar="URL",
        dest="alertmanagers",
        action="append",
        help=says(live, "an Alertmanager; repeated: the peers of one cluster"),
    )
    where.add_argument(
        "--prometheus",
        metavar="URL",
        dest="prometheuses",
        action="append",
        help=says(live, "a Prometheus; repeated: several servers"),
    )
    where.add_argument("--map", metavar="FILE", dest="map_name", help="an integration map, by file or name")
    where.add_argument("--demo", action="store_true", help=says(live and played, "answer from the embedded recording"))
    where.add_argument("--recording", metavar="FILE", help=says(live and played, "answer from a recording"))
    where.add_argument("--at", metavar="HH:MM[:SS]", help=says(played, "a moment of the recording, in UTC"))
    common.add_argument("--json", action="store_true", help="one JSON document on standard output")
    return common


def _about_alerts(made: dict[str, _Parser]) -> None:
    made["changes"].add_argument("--since", metavar="4h", help="how far back, instead of the configured window")
    drill = made["drill"]
    drill.add_argument(
        "alert", nargs="?", metavar="ALERT", help="its id or system/id, or a fold's name; the worst by default"
    )
    form = drill.add_mutually_exclusive_group()
    form.add_argument("--text", action="store_const", const="text", dest="form", help="for a chat: at most 8 lines")
    form.add_argument("--markdown", action="store_const", const="markdown", dest="form", help="for a ticket")
    form.add_argument(
        "--checklist", action="store_const", const="checklist", dest="form", help="each hop to its data, one line each"
    )


def _about_writing(made: dict[str, _Parser]) -> None:
    annotate = made["annotate"]
    annotate.add_argument(
        "change", nargs="?", metavar="CHANGE", help="its id as cockpit changes --json has it, or how it begins"
    )
    annotate.add_argument("--service", metavar="NAME", help="the newest change of a service")
    annotate.add_argument(
        "--version", metavar="V", help="with --service: this version, also where no system reported it"
    )
    annotate.add_argument("--began", metavar="TIME", help="of a version that no system reported; now by default")
    annotate.add_argument("--ended", metavar="TIME", help="likewise; none by default")
    annotate.add_argument("--since", metavar="4h", help="how far back to look, instead of the configured window")
    annotate.add_argument("--system", metavar="NAME", help="which system, where several take annotations")
    annotate.add_argument(
        "--dashboard", metavar="UID", help="instead of the configured one; '' for the whole organisation"
    )
    annotate.add_argument("--yes", action="store_true", help="write without asking")
    annotate.add_argument("--dry-run", action="store_true", help="only show what would be written")


def _about_playing(made: dict[str, _Parser]) -> None:
    record = made["record"]
    record.add_argument("file", metavar="FILE", help="a new file; packed where its name ends in .gz")
    record.add_argument("--for", metavar="10m", dest="for_how_long", help="how long; until ctrl+c by default")
    record.add_argument("--force", action="store_true", help="overwrite the file")
    made["replay"].add_argument("file", metavar="FILE", help="what cockpit record wrote")
    for name in ("demo", "replay"):
        made[name].add_argument(
            "--speed", metavar="N", help="seconds of the recording per second; 0 stands still, 1 by default"
        )


def _about_shifts(parser: _Parser) -> None:
    commands = parser.add_subparsers(dest="shift_command", metavar="COMMAND", parser_class=_Parser, required=True)
    made = {name: _command(commands, name, says) for name, says in _SHIFT_COMMANDS.items()}
    made["start"].add_argument(
        "--since", metavar="12h", help="how far back to look for what ended, instead of a shift's length"
    )
    made["note"].add_argument("words", nargs="+", metavar="TEXT", help="what the next shift should know")


def _about_maps(parser: _Parser) -> None:
    commands = parser.add_subparsers(dest="map_command", metavar="COMMAND", parser_class=_Parser, required=True)
    made = {name: _command(commands, name, says) for name, says in _MAP_COMMANDS.items()}
    for name in ("check", "show", "export"):
        made[name].add_argument("file", nargs="?", metavar="FILE|NAME", help="a map; the context's by default")
    show = made["show"]
    show.add_argument("--view", metavar="VIEW", default="", help="chain (the default), subway, tree or overview")
    show.add_argument(
        "--layer", metavar="LAYER", default="services", help="services (the default), teams or tools, drawn as a tree"
    )
    show.add_argument("--callers", action="store_true", help="in the tree: callers under callees")
    show.add_argument(
        "--focus", metavar="NAME", help="the service in the middle; the worst that fires, else the first entry"
    )
    show.add_argument("--width", metavar="N", help="columns; the terminal's by default")
    show.add_argument("--ascii", action="store_true", help="only ASCII")
    imports = made["import"]
    imports.add_argument("files", nargs="+", metavar="FILE", help="what to import; - for standard input")
    imports.add_argument("--format", metavar="F", help="the files' format; found out by default")
    imports.add_argument("--into", "--merge", metavar="MAP", help="a map, by file or name, that they are merged into")
    made["export"].add_argument("--format", metavar="F", help="yaml (the default), json, mermaid or dot")
