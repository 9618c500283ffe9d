"""Alerts: what changed, told once, grouped by its cause, kept in the history until it is delivered."""
