"""The enforcer and the red button: close everything when a drawdown limit is crossed, by itself or by hand."""
