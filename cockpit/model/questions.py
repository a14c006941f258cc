"""The five questions of the drill, and how far an answer can be relied on."""

from enum import StrEnum


class Question(StrEnum):
    """The five questions, in the order in which they are asked."""

    WHAT = "what"
    WHEN = "when"
    SCOPE = "scope"
    CHANGE = "change"
    OWNER = "owner"


class Standing(StrEnum):
    """How far an answer can be relied on, and who gave it."""

    FILLED = "filled"
    CONFIRMED = "confirmed"
    EDITED = "edited"
    UNKNOWN = "unknown"
    ASKING = "asking"
