"""Room: triage."""
