"""The red button and the leverage cap: what a person does by hand, with nothing else running."""
