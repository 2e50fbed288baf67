"""``ocireg doctor``: what is wrong with the installation, and what to do about it."""

import argparse
import json
from dataclasses import asdict

from ocireg.config import Loaded
from ocireg.doctor import Finding, Verdict, examine


def doctor(loaded: Loaded, arguments: argparse.Namespace) -> int:
    """Diagnose; 1 if a check failed."""
    found = []
    for one in examine(loaded):
        found.append(one)
        if not arguments.json:
            _show(one)
    if arguments.json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    return 1 if any(one.verdict is Verdict.FAIL for one in found) else 0


def _show(one: Finding) -> None:
    print(f"{one.verdict}  {one.check:13}  {one.text}", flush=True)
    for label, text in (("said", one.message), ("do", one.advice)):
        if text:
            print(f"      {label}: {text}", flush=True)
