"""What a note for the next shift says: cleaned where a person's words enter."""

from cockpit.text import clean

LONGEST = 4000
"""Characters of a note."""


def note_text(typed: str) -> str:
    """Return the text as it is kept: several lines are, controls and halves of characters are not; empty for nothing."""
    whole = typed.encode(errors="replace").decode()
    return clean(whole.strip(), LONGEST).strip()
