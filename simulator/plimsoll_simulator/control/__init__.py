"""``/sim/``: how tests, drills and the demo move the world and break the exchange. Reachable from loopback only."""
