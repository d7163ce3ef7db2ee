"""Where a report's material comes from, one source a file; each says in words what is missing, and never blocks."""
