"""The triage: priority, suspects, the drill, and how it is said."""
