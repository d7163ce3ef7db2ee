"""Coverage-guided fuzzing of everything that reads what somebody else wrote: ``python -m fuzz``, docs/fuzzing.md.

The targets and the kept inputs (``corpus/``) need nothing but the product; only ``engine`` needs atheris.
"""
