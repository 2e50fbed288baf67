"""The diagnosis of an installation."""
