"""Git: commits and tags of configured repositories as changes, read without taking locks.

`settings` reads the configuration, `source` asks one repository, `mirror` keeps our own copy of a remote,
`history` reads git's words, `memory` keeps what was first seen when, `system` joins the repositories.
"""

from cockpit.systems.git.system import System

__all__ = ["System"]
