"""``plimsoll drill``: trying, on a quiet day, what is there for the emergency."""
