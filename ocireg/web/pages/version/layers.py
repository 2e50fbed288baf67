"""The steps that an image was made by, and the layers that they made."""

import re
from dataclasses import dataclass

from flask import Response, request

from ocireg.registry.versions import Step
from ocireg.web.asked import Asked
from ocireg.web.pages.rendering import go
from ocireg.web.pages.version.frame import READ, image_of, section, see, shown
from ocireg.web.pages.version.slices import sliced

STEPS = 100
"""Steps of a page."""
SHORT = 140
"""Characters of a command that are shown at once."""
_NOTHING = re.compile(r"^(?:RUN )?/bin/sh -c #\(nop\)\s*")
_SHELL = re.compile(r"^(?:RUN )?(?:\|[0-9]+ .*? )?/bin/sh -c ", re.DOTALL)
_BUILDKIT = re.compile(r"\s*# buildkit\s*$")


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
    lines = [_line(number, step) for number, step in enumerate(image.steps, 1)]
    return shown(asked, seen, "layers", image=image, part=sliced(lines, STEPS, request.args))


def _line(number: int, step: Step) -> Line:
    said = step.history.created_by if step.history else ""
    command = _BUILDKIT.sub("", _plain(said))
    flat = " ".join(command.split())
    short = flat if len(flat) <= SHORT else f"{flat[: SHORT - 1]}…"
    return Line(number, step, short, "" if short == said else said)


def _plain(said: str) -> str:
    """Return a step as it is in a Dockerfile: builders write the shell that they ran it with."""
    if found := _NOTHING.match(said):
        return said[found.end() :]
    found = _SHELL.match(said)
    return f"RUN {said[found.end() :]}" if found else said
