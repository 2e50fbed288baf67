"""What the registry knows, in peewee over SQLite. Rows stay on this floor; upward go plain values."""
