"""``python -m fuzz``: fuzz one target or all, run the kept inputs, or keep what was found; docs/fuzzing.md."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys

from fuzz.campaign import GROWN, campaign, findings_of
from fuzz.corpus import keep, named
from fuzz.replay import replay
from fuzz.sifting import sifted

ALL = "all"
PACKAGES = ("plimsoll", "plimsoll_exporter", "plimsoll_enforcer", "yaml")
"""Whose coverage guides the search."""


def main() -> int:
    """Do what the command line says; the exit code tells whether all is well."""
    logging.disable()  # a million damaged inputs are a million warnings
    arguments = _arguments()
    name: str = arguments.target
    if arguments.fuzzed_by_libfuzzer:
        return _fuzz(name, seconds=arguments.seconds)
    targets = importlib.import_module("fuzz.targets").TARGETS
    names = list(targets) if name == ALL else [name]
    if arguments.replay:
        faults = [fault for one in names for fault in replay(targets[one])]
        sys.stdout.writelines(f"{fault}\n" for fault in faults)
        return 1 if faults else 0
    if arguments.keep:
        for one in names:
            folder = GROWN / one
            found = [path.read_bytes() for path in folder.iterdir()] if folder.is_dir() else []
            print(
                f"{one}: {keep(one, sifted(targets[one], named(one), found))} of {len(found)} inputs kept", flush=True
            )
        return 0
    return campaign(names, seconds=arguments.seconds)


def _fuzz(name: str, *, seconds: int) -> int:
    """Be libFuzzer: instrument what is imported from here on, and search."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=list(PACKAGES)):
        target = importlib.import_module("fuzz.targets").TARGETS[name]
    engine = importlib.import_module("fuzz.engine")
    engine.fuzz(target, seconds=seconds, work=GROWN / name, findings=findings_of(name))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz what reads foreign input.")
    parser.add_argument("target", help=f"a target's name, or {ALL}")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    parser.add_argument("--replay", action="store_true", help="only run the kept inputs; needs no atheris")
    parser.add_argument("--keep", action="store_true", help="keep the smallest of the inputs found on this machine")
    parser.add_argument("--fuzzed-by-libfuzzer", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
