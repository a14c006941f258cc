"""Outside systems, one module a kind; each imports of this package only `base` and `http`.

A module `cockpit/systems/KIND.py` that has a class `System` is a kind of system; nothing else has to be told.
"""
