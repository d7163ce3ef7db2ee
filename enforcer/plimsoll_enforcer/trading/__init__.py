"""The write side of the exchange, for one account and its trading key; nothing else in the product can trade."""
