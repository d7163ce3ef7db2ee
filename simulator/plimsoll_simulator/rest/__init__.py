"""The REST surface of the simulated exchange: who may call what at which weight, and what each read answers."""
