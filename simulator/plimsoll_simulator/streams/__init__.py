"""The stream surface of the simulated exchange: who is connected to what, and what they are sent."""
