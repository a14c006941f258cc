"""Every action once: its id, keys, label, help and why it cannot be done now.

Footer, help, palette, keys and the keys page of the documents all come from this table.
"""

from dataclasses import dataclass

from cockpit.situation import WhyNot, always, first_of, unless

INTEGRATIONS, ALERTS, CHANGES, DRILL = "integrations", "alerts", "changes", "drill"
ANYWHERE = (INTEGRATIONS, ALERTS, CHANGES, DRILL)
"""All four panes."""

_NO_ALERT = unless("selected", "no alert is selected")
_NO_ROWS = unless("selected", "there is nothing to unfold")
_NO_FOLD = first_of(_NO_ALERT, unless("foldable", "one alert: nothing to unfold"))
_NO_MAP = unless("map", "no map: hops are unknown; cockpit map draft writes one")
_NO_DRILL = unless("drill", "no drill: select an alert first")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person can do."""

    id: str
    """Stable: the configuration's `keys` name it."""
    keys: tuple[str, ...]
    """As a person writes them: `j`, `?`, `ctrl+d`, `pageup`."""
    label: str
    """One or two words, for the footer."""
    help: str
    """A sentence, for help and palette."""
    panes: tuple[str, ...] = ANYWHERE
    """Where it works."""
    group: str = "Go"
    """The heading that it stands under."""
    rank: int = 0
    """Its place in the footer, small first; zero leaves it out."""
    why_not: WhyNot = always

    @property
    def conditional(self) -> bool:
        """Whether there can be a reason against it."""
        return self.why_not is not always


ACTIONS: tuple[Action, ...] = (
    Action("pane-integrations", ("1",), "integrations", "Go to the integrations pane."),
    Action("pane-alerts", ("2",), "alerts", "Go to the alerts pane."),
    Action("pane-changes", ("3",), "changes", "Go to the changes pane."),
    Action("pane-drill", ("d", "4"), "drill", "Go to the drill of the selected alert.", rank=20),
    Action("next-pane", ("tab",), "next pane", "Go to the next pane."),
    Action("previous-pane", ("shift+tab",), "previous pane", "Go to the pane before."),
    Action("down", ("j", "down"), "down", "Move to the next row."),
    Action("up", ("k", "up"), "up", "Move to the row before."),
    Action("top", ("g", "home"), "top", "Move to the first row."),
    Action("bottom", ("G", "end"), "bottom", "Move to the last row."),
    Action("page-down", ("pagedown",), "page down", "Move a page down."),
    Action("page-up", ("pageup",), "page up", "Move a page up."),
    Action("half-down", ("ctrl+d",), "half page down", "Move half a page down."),
    Action("half-up", ("ctrl+u",), "half page up", "Move half a page up."),
    Action(
        "open",
        ("enter",),
        "details",
        "Show everything that is known of the alert or change; on the storm line, the first five to fire.",
        panes=(ALERTS, CHANGES),
        rank=10,
        why_not=lambda now: "nothing is selected" if not (now.selected if now.pane == ALERTS else now.change) else None,
    ),
    Action("back", ("escape", "backspace"), "back", "Leave the marks, then a filter, then the zoom, then the pane."),
    Action("zoom", ("+",), "zoom", "Give the pane the whole screen.", group="Look", rank=80),
    Action("unzoom", ("_",), "unzoom", "Give the screen back to all panes.", group="Look"),
    Action(
        "filter",
        ("/",),
        "find",
        'Show only what matches: words, !word, and matchers such as severity=~"crit.*".',
        group="Look",
        rank=40,
    ),
    Action(
        "next-match",
        ("n",),
        "next match",
        "Move to the next row that matches what was last looked for.",
        panes=(INTEGRATIONS, ALERTS, CHANGES),
        group="Look",
        why_not=unless("searched", "nothing was looked for yet: / first"),
    ),
    Action(
        "previous-match",
        ("N",),
        "previous match",
        "Move to the row before that matches.",
        panes=(INTEGRATIONS, ALERTS, CHANGES),
        group="Look",
        why_not=unless("searched", "nothing was looked for yet: / first"),
    ),
    Action("whose", ("t",), "mine, team, all", "Turn between all alerts, your team's and yours.", group="Look"),
    Action(
        "fold",
        ("z",),
        "unfold",
        "Open or close a fold; on the map, fold away what the service calls.",
        (INTEGRATIONS, ALERTS),
        "Look",
        60,
        lambda now: _NO_MAP(now) if now.pane == INTEGRATIONS else _NO_FOLD(now),
    ),
    Action(
        "fold-all",
        ("Z",),
        "unfold all",
        "Open or close all folds.",
        (INTEGRATIONS, ALERTS),
        "Look",
        why_not=lambda now: _NO_MAP(now) if now.pane == INTEGRATIONS else _NO_ROWS(now),
    ),
    Action(
        "mark",
        ("space",),
        "mark",
        "Mark the row, or take its mark away: copying takes all that are marked.",
        (ALERTS,),
        "Take along",
        why_not=_NO_ALERT,
    ),
    Action("hidden", (".",), "silenced too", "Show or hide silenced, inhibited and dimmed alerts.", (ALERTS,), "Look"),
    Action("sort", ("=",), "sort", "Sort worst first, newest first, by name, by service.", (ALERTS,), "Look"),
    Action(
        "widen", ("w",), "wider", "Widen the window of changes: 4 h, 24 h, 7 d.", group="Look", panes=(CHANGES, ALERTS)
    ),
    Action(
        "view",
        ("v",),
        "view",
        "Turn the integrations pane between its views.",
        (INTEGRATIONS, ALERTS),
        "Look",
        why_not=_NO_MAP,
    ),
    Action(
        "callee",
        ("l", "right"),
        "worst callee",
        "Go to the worst service that this one calls.",
        (INTEGRATIONS,),
        "Walk",
        11,
        _NO_MAP,
    ),
    Action(
        "caller",
        ("h", "left"),
        "caller",
        "Go the way you came, else to the worst caller.",
        (INTEGRATIONS,),
        "Walk",
        12,
        _NO_MAP,
    ),
    Action(
        "focus",
        ("enter",),
        "focus",
        "Make the service under the cursor the focus; in the overview, choose a service of the cell; of a team or a tool, "
        "show everything known.",
        (INTEGRATIONS,),
        "Walk",
        10,
        _NO_MAP,
    ),
    Action(
        "next-firing", ("f",), "next firing", "Go to the next firing service.", (INTEGRATIONS,), "Walk", 13, _NO_MAP
    ),
    Action(
        "previous-firing",
        ("ctrl+f",),
        "previous firing",
        "Go to the firing service before.",
        (INTEGRATIONS,),
        "Walk",
        why_not=_NO_MAP,
    ),
    Action(
        "blast",
        ("m",),
        "blast radius",
        "Show only what feels a failure of the service, or everything again.",
        (INTEGRATIONS,),
        "Walk",
        14,
        _NO_MAP,
    ),
    Action("shallower", ("<",), "shallower", "Draw one hop less.", (INTEGRATIONS,), "Walk", why_not=_NO_MAP),
    Action("deeper", (">",), "deeper", "Draw one hop more.", (INTEGRATIONS,), "Walk", why_not=_NO_MAP),
    Action(
        "overview",
        ("ctrl+o",),
        "overview",
        "Show the overview of services by team, or go back.",
        (INTEGRATIONS,),
        "Walk",
        15,
        _NO_MAP,
    ),
    Action(
        "layer",
        ("V",),
        "teams, tools",
        "Turn the map between services, teams and tools.",
        (INTEGRATIONS,),
        "Walk",
        16,
        unless("layers", "no map, and no system: there is nothing but this"),
    ),
    Action("group", ("v",), "by service", "Turn the feed between newest first and by service.", (CHANGES,), "Look", 45),
    Action("refresh", ("r", "R"), "refresh", "Ask every system now.", group="Look"),
    Action("pause", ("ctrl+p",), "pause", "Hold the screen as it is, or let it go on.", group="Look"),
    Action(
        "priority",
        ("p",),
        "priority",
        "Choose the priority, or take the choice back.",
        group="Decide",
        rank=30,
        why_not=_NO_ALERT,
    ),
    Action(
        "confirm-all",
        ("c",),
        "confirm all",
        "Confirm every answer that is filled and fresh.",
        (DRILL,),
        "Decide",
        5,
        lambda now: (
            _NO_DRILL(now)
            or (None if now.confirmable else "nothing to confirm: no answer is filled, fresh and unconfirmed")
        ),
    ),
    Action(
        "confirm",
        ("enter",),
        "confirm",
        "Confirm the answer under the cursor.",
        (DRILL,),
        "Decide",
        6,
        lambda now: _NO_DRILL(now) or (None if now.answer else "there is no answer of ours to confirm: e edits it"),
    ),
    Action(
        "edit",
        ("e",),
        "edit",
        "Write the answer under the cursor yourself; no refresh overwrites it.",
        (DRILL,),
        "Decide",
        7,
        _NO_DRILL,
    ),
    Action(
        "unknown",
        ("u",),
        "unknown",
        "Say that the answer under the cursor is not known.",
        (DRILL,),
        "Decide",
        8,
        _NO_DRILL,
    ),
    Action(
        "take-back",
        ("U",),
        "take back",
        "Take back what a person decided about the answer under the cursor.",
        (DRILL,),
        "Decide",
        9,
        lambda now: _NO_DRILL(now) or (None if now.decided else "nobody decided about this answer"),
    ),
    Action(
        "copy-drill",
        ("Y",),
        "copy",
        "Copy the drill as plain text, for chat.",
        group="Take along",
        rank=35,
        why_not=_NO_DRILL,
    ),
    Action(
        "copy-menu",
        ("y",),
        "copy…",
        "Copy matchers, amtool commands, PromQL or links of the marked alerts, else of the selected one.",
        group="Take along",
        why_not=_NO_ALERT,
    ),
    Action(
        "checklist",
        ("E",),
        "checklist",
        "Show the checklist of the selected alert: each hop from the entry point to its data, and what to look at.",
        (INTEGRATIONS, ALERTS),
        "Look",
        65,
        _NO_ALERT,
    ),
    Action(
        "link",
        ("o",),
        "link",
        "Show the links of the alert or change.",
        group="Take along",
        why_not=unless("link", "there is no link"),
    ),
    Action(
        "runbook",
        ("b",),
        "runbook",
        "Show where the runbook is.",
        group="Take along",
        rank=50,
        why_not=first_of(_NO_ALERT, unless("runbook", "no runbook: neither the alert nor the map names one")),
    ),
    Action(
        "annotate",
        ("@",),
        "annotate",
        "Mark the change on Grafana's dashboards: shown first, written once at y.",
        (CHANGES,),
        "Decide",
        55,
        lambda now: now.no_annotating or (None if now.change else "no change is selected"),
    ),
    Action(
        "shift",
        ("S",),
        "shift",
        "Show the start of a shift: what fires, what ended, what changed, what bakes, which silences end, the last note.",
        group="Look",
        rank=90,
    ),
    Action("palette", (":",), "commands", "Find an action by its name.", group="Help"),
    Action("repaint", ("ctrl+l",), "repaint", "Paint the whole screen anew.", group="Help"),
    Action(
        "suspend",
        ("ctrl+z",),
        "suspend",
        "Put Cockpit into the background; fg brings it back.",
        group="Help",
        why_not=unless("can_suspend", "this terminal cannot suspend"),
    ),
    Action("quit", ("q",), "quit", "Leave; asks once.", group="Help"),
    Action("interrupt", ("ctrl+c",), "quit", "Leave at the second press.", group="Help"),
    Action("help", ("?",), "help", "Show all keys.", group="Help", rank=999),
)
"""All actions, in the order of help and palette."""

GROUPS = ("Go", "Look", "Walk", "Decide", "Take along", "Help")
"""The headings, in their order."""
