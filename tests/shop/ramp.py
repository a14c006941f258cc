"""Values that move with time: straight lines between given points."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ramp:
    """A value over time: straight between the points, level before the first and after the last."""

    began: float
    """The moment that the points count from, in seconds of the shop's clock."""
    points: tuple[tuple[float, float], ...]
    """Seconds after `began`, and the value there; at least one, ascending."""

    def at(self, now: float) -> float:
        """Return the value at a moment."""
        seconds = now - self.began
        before, value = self.points[0]
        if seconds <= before:
            return value
        for after, following in self.points[1:]:
            if seconds < after:
                return value + (following - value) * (seconds - before) / (after - before)
            before, value = after, following
        return value


def level(value: float) -> Ramp:
    """Return a value that does not move."""
    return Ramp(0.0, ((0.0, value),))
