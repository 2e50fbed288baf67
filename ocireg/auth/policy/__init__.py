"""The language of OIDC policies: which outside identities may do what. ``docs/policy.rst`` is its description."""

from ocireg.auth.policy.errors import Fault, PolicyError
from ocireg.auth.policy.parser import parse
from ocireg.auth.policy.policy import Decision, Outcome, Policy, Statement
from ocireg.auth.policy.reader import MOST_BYTES

__all__ = ["MOST_BYTES", "Decision", "Fault", "Outcome", "Policy", "PolicyError", "Statement", "parse"]
