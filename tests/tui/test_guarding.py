"""An error of ours in one pane: that pane says so, the log has the trace, and the other panes go on."""

import logging

import pytest

from cockpit.board.state import Board
from cockpit.screens import follow
from cockpit.slices import changes, header, integrations
from tests.tui.person import has, sitting
from tests.tui.samples import sample_board
from widgets.alerts import Alerts

SAID = "could not be shown: ZeroDivisionError"


def _broken(*_: object, **__: object) -> object:
    return 1 // 0


@pytest.mark.parametrize(
    ("where", "name", "pane"),
    [
        (follow, "fill", "drill"),
        (changes, "cut", "changes"),
        (integrations, "cut", "integrations"),
        (Alerts, "_paint_rows", "alerts"),
    ],
)
async def test_one_pane_that_fails_leaves_the_others(
    where: object, name: str, pane: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The failing pane says what happened and where the trace is, once in the log; the other three show theirs."""
    with monkeypatch.context() as patch:
        patch.setattr(where, name, _broken)
        async with sitting(size=(120, 40)) as person:
            await person.press("j", "j", "k")
            for other, text in (
                ("drill", "payment_errors_total"),
                ("changes", "payment-service"),
                ("integrations", "payment"),
                ("alerts", "PodRestarting"),
            ):
                await person.press("g")
                assert has(person.pane(other), SAID if other == pane else text)
            assert has(person.pane(pane), "the log")
            patch.undo()
            await person.gets(sample_board())
            assert SAID not in person.screen
    assert sum(record.levelno == logging.ERROR for record in caplog.records) == 1


async def test_a_header_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tells quiet from blind does not fail in silence."""

    def broken(board: Board, *_: object, **__: object) -> object:
        raise KeyError(board.at)

    monkeypatch.setattr(header, "cut", broken)
    async with sitting(size=(120, 40)) as person:
        assert "could not be shown: KeyError" in person.lines[0]
        assert has(person.pane("alerts"), "PaymentErrorsHigh")
