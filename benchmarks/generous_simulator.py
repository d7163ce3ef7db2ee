"""The simulator, telling a request-weight limit a hundred times that of the exchange; for ``benchmarks/exporter.py``.

An exporter of many accounts lives inside the weight of one address, and so needs minutes for its first readings
(half an hour for 100 accounts). With this one it is within seconds where it will be in the end. Takes the simulator's
own arguments; ``/sim/limit`` must be raised too.
"""

from __future__ import annotations

import sys

from plimsoll_simulator import main
from plimsoll_simulator.rest import market_reads

GENEROUS = 240_000

if __name__ == "__main__":
    market_reads.WEIGHT_LIMIT = GENEROUS  # type: ignore[attr-defined] # what exchangeInfo tells
    main.main(sys.argv[1:])
