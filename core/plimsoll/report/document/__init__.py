"""A finished report as headings, paragraphs, tables and pictures: what is the same in HTML, Markdown and CSV."""
