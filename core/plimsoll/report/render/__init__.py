"""A document as files: one HTML page, Markdown, CSV."""
