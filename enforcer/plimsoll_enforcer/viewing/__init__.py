"""What the button page shows of each account: read on demand, within its own allowance, never in anybody's way."""
