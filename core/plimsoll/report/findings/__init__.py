"""What a report finds out, by rules: one theme a file, each pure, each finding with what it stands on.

All rules are listed in ``docs/report.md``. A finding whose evidence is missing is neither claimed nor denied: it says
what cannot be known.
"""
