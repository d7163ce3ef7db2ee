"""One target under atheris: libFuzzer in this process, which it ends itself.

Imported only where fuzzing is asked for: atheris is no dependency of the product nor of its tests (decision 0023).
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

from fuzz.corpus import ROOT
from fuzz.target import Target

SECONDS_PER_INPUT = 10
"""Of real time; an input that takes longer is a finding."""

MEGABYTES = 2048


def fuzz(target: Target, *, seconds: int, work: Path, findings: Path) -> None:
    """Search for inputs that break the target; ends the process: 0 where there were none.

    Args:
        target: Which.
        seconds: How long.
        work: Grown corpus of this machine, besides the kept one.
        findings: Folder for inputs that broke something.
    """
    work.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    arguments = [
        sys.argv[0],
        str(work),
        *([str(ROOT / target.name)] if (ROOT / target.name).is_dir() else []),
        f"-max_total_time={seconds}",
        f"-max_len={target.longest}",
        f"-timeout={SECONDS_PER_INPUT}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-artifact_prefix={findings}/",
        "-print_final_stats=1",
        "-use_value_profile=1",
    ]
    atheris.Setup(arguments, target.run)
    atheris.Fuzz()
