"""The algo service: conditional orders from placement to trigger, beside the matching engine and unseen by it.

- ``placing.place(world, account, AlgoRequest(...))`` takes an order with every check of the exchange, no margin check.
- ``following`` activates and triggers what a price has reached, and ends what is due.
- ``triggering.trigger`` sends a triggered order to the matching engine and follows what becomes of it.
- ``faults.TriggerFaults`` holds orders back, rejects them or leaves them hanging, as a test asks.
"""
