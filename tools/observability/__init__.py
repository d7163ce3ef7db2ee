"""Prometheus, promtool, Alertmanager and amtool for tests and demo: found on this machine or unpacked into a cache."""
