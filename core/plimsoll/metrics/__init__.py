"""How every program shows metrics: the rows of a catalogue, samples on their way, and the bytes of a page."""
