"""The timeline of a report: what each kind of record tells, one kind a file, merged into one order of time."""
