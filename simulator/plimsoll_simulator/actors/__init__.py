"""The traders of a story as programs of their own: they know the exchange by HTTP and streams alone.

``desk`` trades for an account, ``fills`` hears what became of an account's orders, ``trader`` and ``mirror`` are the
programs, ``company`` starts and ends them. Nothing here touches the simulated world.
"""
