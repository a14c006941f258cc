"""What can be copied of an alert: its matcher, the amtool command, the PromQL, links."""

import shlex
from collections.abc import Sequence

from cockpit.board.state import Board
from cockpit.matchers import Matcher
from cockpit.model.alert import Alert
from cockpit.model.panes import RowId
from cockpit.slices.details import find

_OF_SEVERAL = {
    "matcher": ("matchers", "\n"),
    "amtool command": ("amtool commands", " && "),
    "PromQL": ("PromQL", "\n"),
    "link": ("links", "\n"),
}
"""What is offered of several rows: its name, and what stands between two of them."""
_IDENTIFYING = ("alertname", "service", "app", "cluster", "namespace", "severity")


def matchers_of(alert: Alert, *, whole_fold: bool) -> tuple[str, ...]:
    """Return Alertmanager matchers that single out the alert, or its fold: `alertname="X"`, `service="payment"`."""
    names = _IDENTIFYING if whole_fold else tuple(sorted(alert.labels, key=lambda name: (name != "alertname", name)))
    return tuple(str(Matcher(name, "=", alert.labels[name])) for name in names if name in alert.labels)


def _amtool(board: Board, alert: Alert, matchers: Sequence[str]) -> str:
    """Return the command on one line; no label can end its quotes or be an option of it."""
    expected = next((system for system in board.setup.systems if system.name == alert.key.system), None)
    url = expected.urls[0] if expected is not None and expected.urls else "http://localhost:9093"
    quoted = " ".join(map(shlex.quote, matchers))
    return f"amtool --alertmanager.url={shlex.quote(url)} silence add --duration=1h --comment='' -- {quoted}"


def copies(board: Board, row: RowId) -> tuple[tuple[str, str], ...]:
    """Return what the copy menu offers for a row, as name and text; empty when the row is gone."""
    found = find(board, row)
    if found is None:
        return ()
    alert, fold = found
    matchers = matchers_of(alert, whole_fold=fold is not None and len(fold.alerts) > 1)
    offers = [("matcher", " ".join(matchers)), ("amtool command", _amtool(board, alert, matchers))]
    rule = board.rules.get(alert.prometheus or "", {}).get(alert.rule or "")
    if rule is not None:
        offers.append(("PromQL", rule.expression))
    if alert.generator:
        offers.append(("link", alert.generator))
    offers += links(board, row)
    return tuple(dict(offers).items())


def copies_of(board: Board, rows: Sequence[RowId]) -> tuple[tuple[str, str], ...]:
    """Return what the copy menu offers for several rows: of each kind a line for each, but commands as one line."""
    kinds: dict[str, dict[str, None]] = {}
    for row in rows:
        for name, text in copies(board, row):
            if name in _OF_SEVERAL:
                kinds.setdefault(name, {})[text] = None
    return tuple(
        (f"{len(texts):,} {_OF_SEVERAL[name][0]}" if len(texts) > 1 else name, _OF_SEVERAL[name][1].join(texts))
        for name, texts in kinds.items()
    )


def runbook(board: Board, row: RowId) -> str | None:
    """Return the runbook's link or path, on one line: the alert's annotation, else the map's."""
    found = find(board, row)
    if found is None:
        return None
    alert, _ = found
    for name in ("runbook_url", "runbook", "runbookURL"):
        if book := " ".join(alert.annotations.get(name, "").split()):
            return book
    service = board.setup.map.services.get(alert.service) if alert.mapped else None
    return service.runbook if service is not None else None


def links(board: Board, row: RowId) -> list[tuple[str, str]]:
    """Return every link that the alert's annotations hold, by their name, and its runbook."""
    found = find(board, row)
    if found is None:
        return []
    alert, _ = found
    known = [
        (name, value)
        for name, value in sorted(alert.annotations.items())
        if value.startswith(("http://", "https://")) and not any(char.isspace() for char in value)
    ]
    book = runbook(board, row)
    return known + ([("runbook", book)] if book and all(book != value for _, value in known) else [])
