"""Journals that a test opened and did not close are closed behind it."""

from collections.abc import Iterator

import pytest

from cockpit.journal.store import OpenJournal


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what is still open, so that no connection outlives its test."""
    opened: list[OpenJournal] = []
    made = OpenJournal.__init__

    def remember(self: OpenJournal, *args: object, **named: object) -> None:
        opened.append(self)
        made(self, *args, **named)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(OpenJournal, "__init__", remember)
    yield
    for journal in opened:
        journal.close()
