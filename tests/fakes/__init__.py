"""Servers that speak the real protocols, small enough to break on purpose."""
