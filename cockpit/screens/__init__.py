"""Room: screens."""
