"""A small checkout shop that exports metrics, breaks on command, and is recorded for the demo."""
