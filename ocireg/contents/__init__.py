"""What is in the layers of an image, from archives that nobody vouches for. Pure: bytes in, entries out.

Nothing is unpacked, and no file's content is held, but that of an os-release.
"""

from ocireg.contents.entries import Entry, Kind
from ocireg.contents.errors import NotATar, TooMuch
from ocireg.contents.limits import Limits
from ocireg.contents.listing import entries
from ocireg.contents.merge import merged

__all__ = ["Entry", "Kind", "Limits", "NotATar", "TooMuch", "entries", "merged"]
