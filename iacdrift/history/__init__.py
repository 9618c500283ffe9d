"""Reports over time: what was seen first and last, what is resolved, who knows of it, and the baselines to compare with."""
