"""Cockpit: the terminal screen that on-call keeps open during a shift."""

__version__ = "0.1.0"
"""The version that `cockpit --version` prints and that the wheel carries."""
