"""The incident report: what happened to one account in a period, gathered, judged, and ready to be drawn."""
