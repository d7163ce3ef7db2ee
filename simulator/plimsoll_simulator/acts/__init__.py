"""What the exchange does to accounts by itself: margin calls, liquidation, deleveraging, settlement and the like."""
