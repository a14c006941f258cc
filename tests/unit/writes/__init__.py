"""Writes to outside systems."""
