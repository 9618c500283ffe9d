"""The watch: every target on its own schedule, confirmed at once, alerted, and to be looked at while it runs."""
