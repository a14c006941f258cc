"""Recordings: every answer that came over a wire, kept in one file and played back by its own clock.

What is kept are the bytes, not what was made of them, so that a recording runs through the very code that
reads the live systems.
"""

from cockpit.systems.recording.call import Call
from cockpit.systems.recording.describe import context_of, header_of
from cockpit.systems.recording.file import Header, Recording
from cockpit.systems.recording.moving import moved
from cockpit.systems.recording.wires import NotRecorded, PlaybackWire, RecordingWire
from cockpit.systems.recording.writer import RecordingWriter

__all__ = [
    "Call",
    "Header",
    "NotRecorded",
    "PlaybackWire",
    "Recording",
    "RecordingWire",
    "RecordingWriter",
    "context_of",
    "header_of",
    "moved",
]
