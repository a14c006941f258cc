"""Imports: one module a format."""
