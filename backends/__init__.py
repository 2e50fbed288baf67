"""Object stores for ocireg: opaque keys, bytes. ``base`` is the contract, ``load`` finds the driver for a URL.

A driver outside this package registers a callable that takes the URL and returns a ``Backend`` under the entry point
group ``ocireg.backends``, named as its scheme; ``backends.testing`` holds the suite that it must pass. A module that
knows what operators get wrong about its stores has a function ``advice(url)`` too.
"""

import importlib
from importlib.metadata import entry_points
from types import ModuleType

from backends.base import Backend, ObjectInfo, OpenUpload, Session
from backends.errors import BackendError, Misconfigured

__all__ = ["Backend", "BackendError", "ObjectInfo", "OpenUpload", "Session", "advice", "load"]

GROUP = "ocireg.backends"
BUILT_IN = {"file": "backends.local", "gs": "backends.gcs", "memory": "backends.memory", "s3": "backends.s3"}
EXTRAS = {"gs": "gcs", "s3": "s3"}
"""The module of each scheme; its ``from_url`` makes the driver."""


def load(url: str) -> Backend:
    """Return the driver for ``url``, ready to work. ``Misconfigured``, in one line, if there is none or it cannot."""
    scheme, colon, _ = url.partition(":")
    if not colon:
        bare = url.partition("?")[0]  # what follows may hold a secret
        raise Misconfigured(f"{bare!r} is no URL: a folder is file:{bare}")
    if scheme in BUILT_IN:
        found: Backend = _import(scheme).from_url(url)
        return found
    for entry in entry_points(group=GROUP, name=scheme):
        made: Backend = entry.load()(url)
        return made
    known = sorted({*BUILT_IN, *(entry.name for entry in entry_points(group=GROUP))})
    raise Misconfigured(f"there is no driver for {scheme}: (there are {', '.join(known)})")


def advice(url: str) -> list[str]:
    """Return what an operator should mend about the store itself, as that it keeps what was deleted.

    A line for each: what is so, a colon, what to do. The driver's module may have a function ``advice`` that tells;
    where it has none there is nothing to say. ``BackendError``.
    """
    scheme = url.partition(":")[0]
    modules = [_import(scheme)] if scheme in BUILT_IN else []
    modules += [importlib.import_module(entry.module) for entry in entry_points(group=GROUP, name=scheme)]
    tell = getattr(modules[0], "advice", None) if modules else None
    return list(tell(url)) if tell else []


def _import(scheme: str) -> ModuleType:
    try:
        return importlib.import_module(BUILT_IN[scheme])
    except ModuleNotFoundError as error:
        raise Misconfigured(
            f"{scheme}: needs {error.name}: pip install 'ocireg[{EXTRAS.get(scheme, scheme)}]'"
        ) from error
