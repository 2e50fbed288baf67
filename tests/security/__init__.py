"""What has gone wrong in registries, and what an attacker tries: the tests that cut across the tree."""
