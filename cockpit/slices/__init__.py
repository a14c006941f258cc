"""Slices: pure functions that cut a board into what one pane shows.

They paint nothing; what some of them remember saves making it again, and changes no answer.
"""
