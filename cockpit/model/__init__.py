"""The words of Cockpit as frozen dataclasses; nothing here asks, paints or decides.

Modules: `alert`, `change`, `topology` (services, hops, teams), `drill`, `reading` (what a system answered),
`health`, `drawing` (rows of text and role that panes paint).
"""
