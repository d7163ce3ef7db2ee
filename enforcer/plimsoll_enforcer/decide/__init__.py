"""Whether a reported breach is one: the evidence read from the exchange, and the decision on it (pure)."""
