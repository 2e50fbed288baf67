"""The use-cases, values in and values out, without HTTP."""

from ocireg.registry.registry import Registry

__all__ = ["Registry"]
