"""``plimsoll.yml``, read strictly: all faults at once, each with file, line, key, what was found, what fits."""
