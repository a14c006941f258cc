"""Makes the pictures: `python -m tests.pictures [NAME ...]`, all of them without a name."""

import argparse
import asyncio
import sys
from pathlib import Path

from cockpit.board.state import Board
from cockpit.demo import recording_path
from cockpit.screens.desk import Desk
from cockpit.systems.recording import Recording
from tests.pictures import png
from tests.pictures.maps import MapScene
from tests.pictures.opening import opened
from tests.pictures.scenes import scenes
from tests.pictures.shots import MAPS, SHOTS, Shot

FOLDER = Path(__file__).resolve().parent.parent.parent / "screenshots"
"""Where the pictures are."""


async def take(shot: Shot, board: Board, desk: Desk, folder: Path) -> Path:
    """Open the screen on a board, press the shot's keys and paint what stands there."""
    app = opened(board, desk, shot.terminal)
    target = folder / f"{shot.name}.png"
    async with app.run_test(size=shot.size) as pilot:
        await pilot.pause()
        for key in shot.keys:
            await pilot.press(key)
        await pilot.pause()
        png.snap(app, target)
    return target


def main() -> int:
    """Make what the arguments name and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="the pictures whose names begin so")
    parser.add_argument("--recording", type=Path, default=recording_path(), help="of the checkout incident")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args()
    if not png.fonts_present():
        print(f"no pictures: the fonts are not in {png.FONTS}; install fonts-dejavu-core", file=sys.stderr)
        return 1
    if not given.recording.is_file():
        print(f"no pictures: {given.recording} is not there; make demo-recording makes it", file=sys.stderr)
        return 1
    known = scenes(Recording.load(given.recording))
    looked: dict[str, tuple[Board, Desk]] = {}
    for shot in (*SHOTS, *MAPS):
        if given.names and not any(shot.name.startswith(name) for name in given.names):
            continue
        if shot.scene not in looked:
            sample = shot.scene.removeprefix("map-")
            looked[shot.scene] = known[shot.scene]().look() if sample == shot.scene else MapScene(sample).look()
        path = asyncio.run(take(shot, *looked[shot.scene], given.folder))
        print(f"{path.name}  {path.stat().st_size / 1024:.0f} KB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
