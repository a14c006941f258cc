"""The panes of Cockpit: they paint values and post messages."""
