"""The status page: its files, the stream that keeps it up to date, and what the exporter asks others for it."""
