"""The way to Binance USDⓈ-M futures: REST, streams, and the translation of their payloads into ``plimsoll.model``.

Only ``exchange.payload`` knows the exchange's field names; only ``exchange.client`` knows python-binance; only
``exchange.socket`` knows aiohttp's web sockets. Everybody else talks to ``exchange.port``.
"""
