"""The words of a Mermaid flowchart: boxes in their shapes, arrows with their labels, comments between."""

import re
from dataclasses import dataclass

from cockpit.text import one_line
from cockpit.topology.importing.document import NAME, Unreadable

_SKIPPED = re.compile(r"(?:[\s;]+|%%\{.*?\}%%|%%[^\n]*)+", re.DOTALL)
_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:\s+|%%[^\n]*)*")
_IDENTITY = re.compile(r"(?:[^\s\[\](){}<>|&;:@~\"\-=,%]|-(?![->.\s]|$)|=(?!=)|:(?!::)(?=\w)|%(?!%))+")
_LINK = re.compile(
    r"(?:(?P<left>(?<=\s)[xo](?=--|==|-\.)|<)?"
    r"(?:(?P<solid>--+[-xo>])|(?P<thick>==+[=xo>])|(?P<dotted>-\.+-[xo>]?))|(?P<none>~~~+))"
)
_OPEN = re.compile(r"(?P<left>(?<=\s)[xo](?=--|==|-\.)|<)?(?P<kind>--|==|-\.)(?![-=.>])")
_CLOSE = {"--": re.compile(r"--+[-xo>]"), "==": re.compile(r"==+[=xo>]"), "-.": re.compile(r"\.+-[xo>]?")}
_PIPED = re.compile(r"[ \t]*\|(?P<text>\"[^\"]*\"|[^|\n]*)\|")
_EDGE_ID = re.compile(r"[\w-]+@(?=[-=<xo~])")
_STYLE = re.compile(r":::(?P<style>[\w-]+(?:,[\w-]+)*)")
_SETTINGS = re.compile(r"@\{(?P<text>(?:\"[^\"]*\"|[^\"}])*)\}")
_LABEL = re.compile(r"(?:^|[,\s])label:\s*(?:\"(?P<quoted>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^,}\n]*))")
_CYLINDERS = re.compile(r"shape:\s*\"?(?:cyl|cylinder|database|db|lin-cyl|disk|lined-cylinder)\b")
_SHAPES = (
    ("(((", ")))"),
    ("((", "))"),
    ("([", "])"),
    ("(", ")"),
    ("[[", "]]"),
    ("[(", ")]"),
    ("[/", "/]"),
    ("[/", "\\]"),
    ("[\\", "\\]"),
    ("[\\", "/]"),
    ("[", "]"),
    ("{{", "}}"),
    ("{", "}"),
    (">", "]"),
)
"""How boxes open and close, the longer ones first."""

_LONGEST = 4000
"""Characters of the longest label."""

_ENTITY = re.compile(r"#(?P<number>\d{1,7});|#(?P<name>[a-z]+);")
_NAMED = {
    "quot": '"',
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "apos": "'",
    "nbsp": " ",
    "colon": ":",
    "semi": ";",
    "num": "#",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A line between boxes."""

    forth: bool
    """Whether an arrowhead stands at its right end."""
    back: bool
    """Whether one stands at its left end."""
    label: str = ""
    invisible: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A box as it stands at one place."""

    identity: str
    label: str = ""
    cylinder: bool = False
    style: str = ""
    """The class behind `:::`."""


def decoded(text: str) -> str:
    """Return a text with Mermaid's own entities (`#quot;`, `#35;`) as what they stand for."""

    def character(found: re.Match[str]) -> str:
        if found["number"]:
            code = int(found["number"])
            return chr(code) if code < 0x110000 else found[0]
        return _NAMED.get(found["name"], found[0])

    return _ENTITY.sub(character, text)


class Scanner:
    """Reads words at a place in a text and moves behind them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.place = 0

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.place >= len(self._text)

    @property
    def line(self) -> int:
        """The line of the place, from 1."""
        return self._text.count("\n", 0, self.place) + 1

    def wrong(self, what: str, remedy: str) -> Unreadable:
        """Return the error that something is wrong here."""
        return Unreadable(self.line, what, remedy)

    def at(self, pattern: re.Pattern[str]) -> bool:
        """Tell whether a pattern matches here."""
        return pattern.match(self._text, self.place) is not None

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Move behind a pattern, where it matches here."""
        found = pattern.match(self._text, self.place)
        if found is not None:
            self.place = found.end()
        return found

    def skip(self) -> None:
        """Move behind white space, ends of statements, comments and directives."""
        self.take(_SKIPPED)

    def rest(self) -> None:
        """Move to the end of the line."""
        end = self._text.find("\n", self.place)
        self.place = len(self._text) if end < 0 else end

    def word(self, word: str) -> bool:
        """Move behind a word of the language, where it stands here by itself."""
        end = self.place + len(word)
        if not self._text.startswith(word, self.place) or (
            self._text[end : end + 1].strip(" \t\r\n;") and end < len(self._text)
        ):
            return False
        self.place = end
        return True

    def at_node_named_so(self) -> bool:
        """Tell whether the word here is a box of that name: an arrow or a shape follows it."""
        begin = self.place
        found = self.take(re.compile(r"\w+"))
        self.take(_BLANK)
        is_node = found is not None and (
            self._link_here() or self._text[self.place : self.place + 1] in {"[", "(", "&"}
        )
        self.place = begin
        return is_node

    def _link_here(self) -> bool:
        return self.at(_LINK) or self.at(_OPEN)

    def title(self) -> tuple[str, str]:
        """Read what stands behind `subgraph`: an id, a title, or both; without any it is nameless."""
        self.take(_BLANK)
        line = self.line
        begin = self.place
        identity = self.take(_IDENTITY)
        if identity is not None and self._text[self.place : self.place + 1] == "[":
            label, _ = self._shape()
            return identity[0], label
        self.place = begin
        found = self.take(re.compile(r"[^\n;]*"))
        text = one_line(found[0] if found else "", NAME).strip('"')
        named = re.fullmatch(r"(?P<id>\S+)\s*\[\s*\"?(?P<label>.*?)\"?\s*\]", text)
        if named:
            return named["id"], named["label"]
        return (text, text) if text else (f"subgraph {line}", "")

    def node(self) -> Node:
        """Read a box: `payment`, `payment[Payment]:::database`, `db@{ shape: cyl, label: "Orders" }`."""
        self.take(_SPACE)
        found = self.take(_IDENTITY)
        if found is None:
            shown = one_line(self._text[self.place : self.place + 20]) or "the end of the file"
            raise self.wrong(f"there should be a box here, not `{shown}`", "write `caller --> callee`; quote labels")
        identity = found[0]
        if len(identity) > NAME:
            raise self.wrong("a box has a longer name than any service", f"write at most {NAME} characters")
        settings = self.take(_SETTINGS)
        if settings:
            label = _LABEL.search(settings["text"])
            said = (label["quoted"] or label["single"] or label["bare"] or "") if label else ""
            return Node(identity, said, _CYLINDERS.search(settings["text"]) is not None, self._style())
        label_text, opening = self._shape()
        return Node(identity, label_text, opening == "[(", self._style())

    def _style(self) -> str:
        found = self.take(_STYLE)
        return found["style"] if found else ""

    def _shape(self) -> tuple[str, str]:
        """Read a box's label in its shape; returns it with the shape's opening, both empty where there is none."""
        for opening, closing in _SHAPES:
            if not self._text.startswith(opening, self.place) or (opening == ">" and not self._closes_flag()):
                continue
            begin = self.place + len(opening)
            blank = _BLANK.match(self._text, begin)
            begin = blank.end() if blank else begin
            if self._text.startswith('"', begin):
                quote = self._text.find('"', begin + 1, begin + _LONGEST)
                blank = _BLANK.match(self._text, quote + 1)
                end = blank.end() if blank else quote + 1
                if quote < 0 or not self._text.startswith(closing, end):
                    continue
                label = self._text[begin + 1 : quote]
            else:
                end = self._text.find(closing, begin, begin + _LONGEST)
                line_end = self._text.find("\n", begin, begin + _LONGEST)
                if end < 0 or 0 <= line_end < end:
                    continue
                label = self._text[begin:end]
            self.place = end + len(closing)
            return label, opening
        if self._text[self.place : self.place + 1] in {"[", "(", "{"}:
            raise self.wrong(
                "a box is not closed", "close its bracket on the same line; quote a label that has brackets"
            )
        return "", ""

    def _closes_flag(self) -> bool:
        line_end = self._text.find("\n", self.place)
        return "]" in self._text[self.place : line_end if line_end >= 0 else None]

    def ampersand(self) -> bool:
        """Move behind an `&` between boxes."""
        begin = self.place
        self.take(_SPACE)
        if self._text.startswith("&", self.place):
            self.place += 1
            return True
        self.place = begin
        return False

    def link(self) -> Link | None:
        """Read a line between boxes with its label, or nothing."""
        begin = self.place
        self.take(_BLANK)
        self.take(_EDGE_ID)
        found = self.take(_LINK)
        if found is not None:
            piped = self.take(_PIPED)
            label = piped["text"].strip().strip('"') if piped else ""
            return Link(found[0][-1] in "xo>" and not found["none"], bool(found["left"]), label, bool(found["none"]))
        opened = self.take(_OPEN)
        if opened is None:
            self.place = begin
            return None
        line_end = self._text.find("\n", self.place)
        closing = _CLOSE[opened["kind"]].search(self._text, self.place, line_end if line_end >= 0 else len(self._text))
        if closing is None:
            raise self.wrong("an arrow begins here and does not end", "write `-->`, or `-- label -->` on one line")
        label = self._text[self.place : closing.start()].strip().strip('"')
        self.place = closing.end()
        return Link(closing[0][-1] in "xo>", bool(opened["left"]), label)

    def end_of_statement(self) -> None:
        """Refuse anything but the end of the statement."""
        self.take(_BLANK)
        rest = self._text[self.place : self.place + 2]
        if rest and rest[0] not in "\r\n;" and rest != "%%":
            shown = one_line(self._text[self.place : self.place + 20])
            raise self.wrong(
                f"there should be an arrow or the end of the line here, not `{shown}`", "write `caller --> callee`"
            )
