"""The latest of what one thread hands to another; what was not taken yet is forgotten for it."""

from threading import Lock
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Latest(Generic[_Value]):
    """Holds one value at most."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._value: _Value | None = None

    def put(self, value: _Value) -> bool:
        """Hold a value, and tell whether whoever takes it has to be called: nothing was waiting."""
        with self._lock:
            idle, self._value = self._value is None, value
        return idle

    def take(self) -> _Value | None:
        """Return what is held, and hold nothing any more; null where nothing was."""
        with self._lock:
            value, self._value = self._value, None
        return value
