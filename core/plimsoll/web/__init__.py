"""What protects a program's web interface: TLS, passwords, headers and a rate limit, in exporter-toolkit's format."""
