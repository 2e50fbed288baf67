"""Retention: which tags of a registry stay, by rules that its admins write. See ``docs/retention.rst``."""
