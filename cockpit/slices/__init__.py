"""Slices: pure functions that cut a board into what one pane shows. They paint nothing and remember nothing."""
