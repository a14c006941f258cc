"""The tests: units by room, systems against fakes of the real protocol, the screen, and end to end."""
