"""Writes to outside systems: planned, shown, confirmed, done once, journalled before and after.

A kind of write is one module with a class that is a `Write`; whether it may be done, and how often, is `carrying`'s.
"""
