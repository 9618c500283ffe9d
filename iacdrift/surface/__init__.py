"""address x protocol x port -> state: expected from the model and a vantage, observed from packets."""
