"""Pictures of the screen, made by the app itself: `python -m tests.pictures`."""
