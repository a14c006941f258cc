"""Cockpit against real servers: Prometheus, Alertmanager, git and tmux on loopback."""
