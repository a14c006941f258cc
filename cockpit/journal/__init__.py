"""The journal: what people did and what was seen, in SQLite, always safe to kill.

`store` opens and writes it, `entries` makes statements of boards and acts, `recall` reads what a board has to know
from before, `schema` owns the tables, `place` the file.
"""
