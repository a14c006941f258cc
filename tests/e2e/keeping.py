"""Somebody on call with Cockpit open before a small Alertmanager, and the journal that must outlive everything."""

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.pty_session import PtySession
from tests.e2e.scene import Scene
from tests.fakes.alertmanager import Cluster, FakeAlertmanager
from tests.fakes.http_server import in_thread

ALERT = "PaymentErrorsHigh"
"""The alert that fires from the beginning."""

CONFIRMED = {"what", "when", "owner"}
"""The questions that it answers by itself."""


class Keeping:
    """A Cockpit whose one system is an Alertmanager of the test's own, polled twice a second.

    Args:
        folder: Where configuration, state and journal are.
        settings: Further keys of the configuration.
    """

    def __init__(self, folder: Path, **settings: object) -> None:
        self._settings = settings
        self.alertmanager = FakeAlertmanager(Cluster(lambda: datetime.now(UTC)))
        self.folder = folder
        self.scene: Scene | None = None

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Let the Alertmanager answer, and write the configuration."""
        with in_thread(self.alertmanager):
            self.fires(ALERT, severity="critical")
            systems = {"alertmanager": {"urls": [self.alertmanager.url], "every": "500ms"}}
            self.scene = Scene(self.folder, systems, settings=self._settings)
            yield

    def fires(self, name: str, severity: str = "warning") -> None:
        """Let one more alert fire, since some minutes ago: younger ones count seconds."""
        labels = {"alertname": name, "service": "payment", "team": "team-payments", "severity": severity}
        began = datetime.now(UTC) - timedelta(minutes=10)
        self.alertmanager.fire(labels, {"summary": f"{name}: payments fail"}, starts=began)

    @property
    def polls(self) -> int:
        """How often the alerts were asked for."""
        return self.alertmanager.paths().count("/api/v2/alerts")

    @property
    def command(self) -> Sequence[str]:
        """How the screen is opened."""
        assert self.scene is not None
        return (sys.executable, "-m", "cockpit", "--config", str(self.scene.config))

    @property
    def environment(self) -> dict[str, str]:
        """Where the screen finds its things."""
        assert self.scene is not None
        return dict(self.scene.environment)

    @property
    def log(self) -> str:
        """What stands in the log."""
        path = self.folder / "state" / "cockpit" / "cockpit.log"
        return path.read_text() if path.exists() else ""

    def opens(self, terminal: PtySession, **how: object) -> None:
        """Open the screen, and wait for the alert and its drill."""
        terminal.runs(self.command, self.environment, self.folder, **how)  # type: ignore[arg-type]  # passed through
        terminal.sees("1 firing", f"Drill ─ {ALERT}", "OWNER")

    def confirms(self, terminal: PtySession) -> None:
        """Confirm every answer of the drill, and wait until the screen says so."""
        terminal.types("d")
        terminal.sees("c confirm all")
        terminal.types("c")
        terminal.sees_no(" 0 confirmed")

    def opened(self, terminal: PtySession, **how: object) -> None:
        """Open the screen, and confirm every answer."""
        self.opens(terminal, **how)
        self.confirms(terminal)

    def journalled(self) -> set[str]:
        """Return the questions whose answers the journal holds as confirmed, after finding the file whole."""
        with closing(sqlite3.connect(self.folder / "state" / "cockpit" / "journal.db")) as journal:
            assert journal.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return {row[0] for row in journal.execute("SELECT question FROM acts WHERE standing = 'confirmed'")}

    def has_seen(self, occurrences: int) -> bool:
        """Tell whether the journal holds so many occurrences."""
        return self.occurrences() >= occurrences

    def occurrences(self) -> int:
        """Return how many occurrences the journal holds."""
        with closing(sqlite3.connect(self.folder / "state" / "cockpit" / "journal.db")) as journal:
            (count,) = journal.execute("SELECT count(*) FROM occurrences").fetchone()
            return int(count)
