"""Compares the database with the store, both ways, beside a registry that serves. See ``docs/decisions/fsck.rst``."""

from ocireg.registry.check.check import TASK, Check
from ocireg.registry.check.faults import Fault, Report

__all__ = ["TASK", "Check", "Fault", "Report"]
