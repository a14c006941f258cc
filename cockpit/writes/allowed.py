"""Whether a system may be written, and if not, which setting says so. Pure."""

from cockpit.config import Context, SystemSpec


def why_not(context: Context, spec: SystemSpec | None, *, recording: bool = False) -> str | None:
    """Return why nothing is written to a system, with the setting that would allow it; null where it may be.

    Args:
        context: The one that is watched.
        spec: The system's settings; null where there is none that could be written.
        recording: Whether a recording is played.
    """
    if recording:
        return "a recording is played: nothing is written"
    if context.read_only:
        place = f"contexts.{context.name}"
        return f"{context.name} is read-only: nothing is written unless read_only = false stands in {place}"
    if spec is None:
        return "no system is configured that this could be written to"
    if not spec.write:
        place = spec.place.rpartition(": ")[2] or spec.name
        return f"{spec.name} may not be written: write = true is missing in {place}"
    return None
