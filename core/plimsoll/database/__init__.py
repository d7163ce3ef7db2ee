"""What must survive a restart: SQLite files, how they are opened and kept sound, and the exporter's state in one.

``file``, ``lock`` and ``pending`` know nothing of what is kept and serve every program; ``schema``, ``values``,
``change`` and ``database`` are the exporter's state. The standard library only.
"""
