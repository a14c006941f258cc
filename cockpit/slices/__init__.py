"""Room: slices."""
