"""Memory that all uploads of a process share."""

import pytest

from backends.budget import Budget
from backends.errors import Misconfigured

MIB = 1024 * 1024


def test_a_budget_that_can_never_do_is_refused() -> None:
    budget = Budget(8 * MIB)
    budget.require(8 * MIB)
    with pytest.raises(Misconfigured, match="buffer=8MiB is too small: 10MiB is the least"):
        budget.require(10 * MIB)
