"""How a page can look: light and dark, wide and narrow."""

from dataclasses import dataclass
from typing import Literal

HEIGHT = 800
"""Pixels, of the window; pages are longer."""


@dataclass(frozen=True, slots=True)
class Look:
    """A preference of colours, and a window's width in pixels."""

    colours: Literal["light", "dark"]
    width: int

    @property
    def name(self) -> str:
        """How a screenshot of it is called."""
        return f"{self.colours}-{'wide' if self.width > 800 else 'narrow'}"


WIDE, NARROW = 1280, 375
DESK = Look("light", WIDE)
"""How a page looks where a test does not care."""
LOOKS = (DESK, Look("light", NARROW), Look("dark", WIDE), Look("dark", NARROW))
