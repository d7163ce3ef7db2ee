"""``plimsoll render``: what Alertmanager and Prometheus cannot read out of ``plimsoll.yml`` and secrets themselves.

Pure parts make texts of values (``template``, ``targets``); ``channels`` looks which secrets are there, ``web`` hashes
the password, ``files`` writes, ``command`` joins them. Base install; only ``web`` wants bcrypt, when it is called.
"""
