"""The bots' reporting client: tells the exporter of orders that the exchange refused, which nobody else can see.

One line for a bot that uses python-binance::

    RejectionReporter("http://127.0.0.1:9713", "secrets/report.token", "eon").watch(client)

An order refused at placement leaves no event and no record at the exchange; only its sender knows. The client has a
thread of its own, keeps on disk what could not be delivered, and neither delays nor breaks the bot.
"""

from plimsoll.reporting.reporter import RejectionReporter

__all__ = ["RejectionReporter"]
