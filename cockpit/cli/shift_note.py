"""`cockpit shift note`: keeps a note for the next shift in the journal, on the disk when it returns."""

import getpass
import os
import sys

from cockpit.board.state import Noted
from cockpit.cli.opening import asked_of
from cockpit.cli.options import Options, Usage
from cockpit.cli.output import note, say, say_json
from cockpit.clock import SystemClock
from cockpit.config.load import load
from cockpit.journal.store import open_journal
from cockpit.locations import state_folder
from cockpit.slices.shiftnote import note_text
from cockpit.spans import rfc3339

_LONGEST = 1_000_000


def run(options: Options) -> int:
    """Keep a note; 1 where the journal cannot keep it."""
    if options.playing:
        raise Usage("shift note", "a recording keeps no notes", "leave --demo or --recording out")
    said = " ".join(options.words or [])
    text = note_text(sys.stdin.read(_LONGEST) if said == "-" else said)
    if not text:
        raise Usage("shift note", "says nothing", 'write one: cockpit shift note "database failover at 16:00"')
    context = load(asked_of(options), os.environ).chosen
    clock = SystemClock()
    left = Noted(clock.now(), text, context.me.name or _login())
    journal = open_journal(state_folder(), clock, context)
    journal.write(left)
    kept = not journal.read_only and not journal.waiting
    error = journal.error
    journal.close()
    if not kept:
        note(f"shift note: not kept: {error or 'the journal cannot be written'}")
        return 1
    if options.json:
        say_json({"at": rfc3339(left.at), "by": left.by, "text": left.text})
    else:
        say(f"kept for the next shift of {context.name}: {left.text.splitlines()[0]}")
    return 0


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
