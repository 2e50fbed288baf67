"""Numbered migrations, applied in order and recorded by name in ``schema_migration``."""
