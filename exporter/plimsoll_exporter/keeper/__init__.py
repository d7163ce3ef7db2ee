"""Keeping accounts live: what reads the exchange, takes in the streams and says how far the result can be believed.

``watch`` holds everything together, ``account`` keeps one account, ``orders`` its open orders, ``market`` the prices of
all, ``schedule`` says how often to read, ``trust`` judges. Nothing here computes a risk figure or knows a metric.
"""
