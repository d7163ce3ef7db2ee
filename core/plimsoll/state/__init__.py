"""The live picture of one account as a frozen value, and the pure functions that move it from event to event.

No I/O and no clock: snapshots, events and times are passed in.
"""
