"""The fast lane: what crosses a hard limit is posted straight to every Alertmanager, besides Prometheus."""
