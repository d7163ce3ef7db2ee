"""``plimsoll-exporter``: watches accounts live and shows them to Prometheus. Holds a read-only key."""
