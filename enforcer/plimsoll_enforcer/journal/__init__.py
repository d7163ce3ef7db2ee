"""What the enforcer must not forget: breaches taken on, runs and their orders, lockouts, counters, the audit."""
