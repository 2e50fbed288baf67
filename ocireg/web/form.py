"""Forms: read whole before they are parsed, of bounded length, and at the least rate that every body must have.

Who sends one may have shown nothing yet, and must not hold a thread for as long as they like.
"""

from io import BytesIO

from flask import request
from werkzeug.datastructures import MultiDict

from ocireg.errors import TOO_LARGE, BodyTooLarge, RegistryError
from ocireg.web.body import read_body


def read_form(limit: int) -> MultiDict[str, str]:
    """Return the form of the request under way, which ``request.form`` has from then on. SIZE_INVALID with 413."""
    if (request.content_length or 0) > limit:
        raise RegistryError(TOO_LARGE)
    try:
        body = b"".join(bytes(piece) for piece in read_body(request.environ, limit))
    except BodyTooLarge as error:
        raise RegistryError(TOO_LARGE) from error
    request.max_form_memory_size = limit
    parser = request.make_form_data_parser()
    _, form, _ = parser.parse(BytesIO(body), request.mimetype, len(body), request.mimetype_params)
    kept = {"form": form, "files": MultiDict(), "stream": BytesIO()}
    request.__dict__.update(kept)  # where werkzeug keeps what it has parsed
    return form
