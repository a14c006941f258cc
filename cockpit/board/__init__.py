"""The board: everything known now, immutable, and `reduce`, the only way forward."""
