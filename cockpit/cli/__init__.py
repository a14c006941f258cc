"""The commands without a screen: each answers as text or JSON and ends with an exit code."""
