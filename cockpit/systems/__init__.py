"""Outside systems, one module a kind; kinds know nothing of one another.

They share `base` (what is asked of a system), `http` and `process` (the two ways to the outside), `answers`
(decoding), `failures` (errors in words), `peers` and `settings`; modules that begin with a kind's name belong to
that kind. A module `cockpit/systems/KIND.py` that has a class `System` is a kind; nothing else has to be told.
"""
