"""A driver that lives outside the tree: ``distribution`` is a project of its own."""
