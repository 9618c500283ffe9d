"""What a check needs on this machine, looked at one by one: what is missing, and how to mend it. Sends no packet, changes nothing."""
