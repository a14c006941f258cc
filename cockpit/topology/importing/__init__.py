"""Maps from files that were written for other programs: one module a format, all pure."""
