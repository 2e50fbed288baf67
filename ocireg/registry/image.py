"""An image as its contents see it: which layers it has, and how far each of them is."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ocireg.contents.release import Distribution
from ocireg.metadata import stacks
from ocireg.metadata.layers import PENDING, READY, REFUSED, StoredLayer
from ocireg.metadata.manifests import Edge
from ocireg.metadata.stacks import Listing

UNLISTED, FOREIGN, MISSING = "unlisted", "foreign", "missing"
_REASONS = {
    FOREIGN: "It is kept elsewhere, and is not in this registry.",
    MISSING: "It is not in this registry.",
}


@dataclass(frozen=True, slots=True)
class LayerState:
    """A layer of an image, the lowest first.

    ``state``: ready, pending (in the queue, or under way: ``done`` of ``size`` bytes are read), refused, unlisted (to
    be asked for), foreign or missing; ``reason`` says why not. ``files`` and ``bytes`` are its own.
    """

    digest: str
    media_type: str
    size: int
    state: str
    reason: str = ""
    done: int = 0
    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class ImageState:
    """The layers of an image. ``reason`` says why none of them is listed, if so."""

    layers: tuple[LayerState, ...]
    reason: str = ""

    @property
    def state(self) -> str:
        """Pending while a layer is, else unlisted, else refused if not all can be shown, else ready."""
        there = {one.state for one in self.layers}
        found = next((state for state in (PENDING, UNLISTED) if state in there), None)
        return found or (REFUSED if self.reason or there - {READY} else READY)

    @property
    def done(self) -> int:
        """Bytes that have been read of ``size``."""
        return sum(one.done for one in self.layers)

    @property
    def size(self) -> int:
        """Bytes of the layers that are here."""
        return sum(one.size for one in self.layers if one.state not in _REASONS)


@dataclass(frozen=True, slots=True)
class Totals:
    """What all layers show: ``files``, directories not among them, and their ``bytes``; None while they are counted.

    ``distribution`` is that of the highest os-release, if there is one.
    """

    files: int | None
    bytes: int | None
    distribution: Distribution | None


@dataclass(frozen=True, slots=True)
class Part:
    """A layer as the manifest names it, as the repository has it, and what is known of it."""

    edge: Edge
    size: int | None
    stored: StoredLayer | None

    @property
    def listing(self) -> Listing | None:
        """What can be shown of it."""
        stored = self.stored
        if self.size is None or stored is None or stored.state != READY or stored.listing is None:
            return None
        return Listing(stored.listing, opaque=bool(stored.opaque))

    def told(self) -> LayerState:
        """Return its state."""
        tell = partial(LayerState, self.edge.digest, self.edge.media_type)
        if self.size is None:
            state = FOREIGN if self.edge.kind == "foreign" else MISSING
            return tell(self.edge.size, state, _REASONS[state])
        if self.stored is None:
            return tell(self.size, UNLISTED)
        one = self.stored
        done = self.size if one.state == READY else min(one.done, self.size)
        return tell(self.size, one.state, one.reason, done, one.files, one.bytes)


def state_of(parts: Sequence[Part]) -> ImageState:
    """Return the state of an image of those layers."""
    reason = f"It has more than {stacks.MOST} layers." if len(parts) > stacks.MOST else ""
    return ImageState(tuple(one.told() for one in parts), reason)


def shown_of(parts: Sequence[Part]) -> tuple[Listing, ...]:
    """Return those that can be shown, in their order."""
    return tuple(listing for one in parts if (listing := one.listing))
