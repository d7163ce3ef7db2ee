"""Reads outside futures that clients make by themselves before anything else: there is no spot wallet here.

ccxt asks for coins and margin assets when it loads its markets; empty lists are what an account without them gets.
"""

from __future__ import annotations

from plimsoll_simulator.rest.call import Call, Json


def coins(_call: Call) -> Json:
    """``GET /sapi/v1/capital/config/getall``: no coin can be deposited or withdrawn."""
    return []


def margin_pairs(_call: Call) -> Json:
    """``GET /sapi/v1/margin/allPairs``: nothing is traded on margin."""
    return []
