"""Closing everything: what to do next (pure), doing it, and reading back until nothing is left."""
