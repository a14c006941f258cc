"""What a board means for an alert: the five answers, priority, suspects, and whether tools tell one another. Pure."""
