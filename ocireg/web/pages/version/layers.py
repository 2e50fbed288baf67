"""The steps that an image was made by, and the layers that they made."""

import re
from dataclasses import dataclass

from flask import Response, request

from ocireg.registry.versions import Step
from ocireg.web.asked import Asked
from ocireg.web.pages.rendering import go
from ocireg.web.pages.version.frame import READ, image_of, section, see, shown
from ocireg.web.pages.version.slices import sliced
from ocireg.web.windows import Part

STEPS = 100
"""Steps of a page."""
SHORT = 140
"""Characters of a command that are shown at once."""
_NOTHING = re.compile(r"^(?:RUN )?/bin/sh -c #\(nop\)\s*")
_SHELL = re.compile(r"^(?:RUN )?(?:\|[0-9]+ .*? )?/bin/sh -c ", re.DOTALL)
_BUILDKIT = "# buildkit"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: ``command`` as somebody wrote it, ``whole`` as it was kept, where that says more."""

    number: int
    step: Step
    command: str
    whole: str


@section.page("{repository}{reference}/-/layers", READ)
def layers(asked: Asked, reference: str) -> Response:
    """List the steps of an image, the first first."""
    seen = see(asked, reference)
    if elsewhere := image_of(asked, seen, "layers"):
        return go(elsewhere)
    image = seen.version.image
    assert image is not None, "an image has one"
    steps = sliced(list(enumerate(image.steps, 1)), STEPS, request.args)
    part = Part([_line(number, step) for number, step in steps.items], after=steps.after, before=steps.before)
    return shown(asked, seen, "layers", image=image, part=part)


def _line(number: int, step: Step) -> Line:
    said = step.history.created_by if step.history else ""
    flat = " ".join(_plain(said).split()).removesuffix(_BUILDKIT).rstrip()
    short = flat if len(flat) <= SHORT else f"{flat[: SHORT - 1]}…"
    return Line(number, step, short, "" if short == said else said)


def _plain(said: str) -> str:
    """Return a step as it is in a Dockerfile: builders write the shell that they ran it with."""
    if found := _NOTHING.match(said):
        return said[found.end() :]
    found = _SHELL.match(said)
    return f"RUN {said[found.end() :]}" if found else said
