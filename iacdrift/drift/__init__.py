"""expected x observed -> findings -> DriftReport."""
