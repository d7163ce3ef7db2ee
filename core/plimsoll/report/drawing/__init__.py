"""The pictures of a report, drawn by matplotlib (extra ``report``), which only these modules know."""
