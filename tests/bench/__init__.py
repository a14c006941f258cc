"""Benchmarks of what can be measured without a terminal, and the recordings that the measurements in one are made on."""
