"""After a flatten: anything new is cancelled and closed again until the lockout ends."""
