"""``plimsoll-simulator``: a Binance USDⓈ-M exchange for tests, drills and the demo. Holds no key, moves no money."""
