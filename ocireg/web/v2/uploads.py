"""``/v2/<name>/blobs/uploads/`` (OCI distribution v1.1.1, end-4 to end-6, end-11, end-13, end-14).

Locations are relative: clients resolve them, and behind a proxy nothing can be wrong with them.
"""

from contextlib import suppress

from flask import Response, request

from ocireg.errors import DIGEST_INVALID, UPLOAD_OUT_OF_ORDER, RegistryError
from ocireg.oci.digest import Digest
from ocireg.registry.uploads import DEFAULT_ALGORITHM, UploadStatus
from ocireg.storage import one_answer
from ocireg.web.caller import Caller, caller
from ocireg.web.v2 import guard, notices, parse
from ocireg.web.v2.context import Context

HOLDERS = 50
"""Repositories that a mount without ``from`` looks at."""


def start(context: Context, name: str, _argument: str) -> Response:
    """Begin a session; or mount a blob, or take a whole one, where the query asks for it."""
    if "mount" in request.args:
        mounted = _mount(context, name)
        if mounted is not None:
            return _created(context, name, mounted)
    elif "digest" in request.args:
        return _push_at_once(context, name, parse.digest(request.args["digest"]))
    algorithm = parse.algorithm(request.args.get("digest-algorithm", DEFAULT_ALGORITHM))
    return _progress(name, context.registry.uploads.start(name, algorithm, caller().author), 202)


def _mount(context: Context, name: str) -> Digest | None:
    """Mount a blob (end-11); None where it is not to be had, for whatever reason: the client uploads it then.

    What may not be read is not mounted, and looks like what is not there, to a clock too. Without ``from`` those
    repositories are looked at that the caller may read.
    """
    digest, who = parse.digest(request.args["mount"]), caller()
    source = _named_source(context, who, name) if "from" in request.args else _found_source(context, who, name, digest)
    if source is None:
        return None
    return digest if context.registry.blobs.mount(name, digest, source, who.author) else None


def _named_source(context: Context, who: Caller, name: str) -> str | None:
    try:
        source = parse.repository(request.args["from"])
    except RegistryError:
        return None
    return source if guard.may_mount(context, who, name, source) else guard.nowhere(source)


def _found_source(context: Context, who: Caller, name: str, digest: Digest) -> str | None:
    known = context.registry.blobs.holders(digest, HOLDERS, context.gate.reach(who.actor))
    return next((one for one in known if guard.may_mount(context, who, name, one)), None)


def _push_at_once(context: Context, name: str, digest: Digest) -> Response:
    """Take a whole blob in one POST (end-4b). What fails leaves no session: nobody knows where it would be."""
    by = caller().author
    with context.slots.one(), one_answer():
        begun = context.registry.uploads.start(name, digest.algorithm, by)
        try:
            context.registry.uploads.finish(name, begun.id, parse.chunk(request), digest, by)
        except BaseException:
            with suppress(RegistryError):
                context.registry.uploads.cancel(name, begun.id, by)
            raise
    return _created(context, name, digest)


def status(context: Context, name: str, argument: str) -> Response:
    """Say how far the session is (end-13)."""
    return _progress(name, context.registry.uploads.status(name, argument, caller().author), 204)


def append(context: Context, name: str, argument: str) -> Response:
    """Add a chunk at its place, or a stream at the end (end-5)."""
    with context.slots.one():
        try:
            after = context.registry.uploads.append(name, argument, parse.chunk(request), caller().author)
        except RegistryError as error:
            _add_truth(context, name, argument, error)
            raise
    return _progress(name, after, 202)


def finish(context: Context, name: str, argument: str) -> Response:
    """Add the last chunk, if any, and end the session with its blob (end-6)."""
    if "digest" not in request.args:
        raise RegistryError(DIGEST_INVALID, "the closing PUT needs the digest of the blob as ?digest=")
    digest = parse.digest(request.args["digest"])
    with context.slots.one():
        try:
            context.registry.uploads.finish(name, argument, parse.chunk(request), digest, caller().author)
        except RegistryError as error:
            _add_truth(context, name, argument, error)
            raise
    return _created(context, name, digest)


def cancel(context: Context, name: str, argument: str) -> Response:
    """Give the session up (end-14)."""
    context.registry.uploads.cancel(name, argument, caller().author)
    return Response(status=204)


def _add_truth(context: Context, name: str, session: str, error: RegistryError) -> None:
    """Let a 416 say where the session is, for clients that resume from it (regctl does)."""
    if error.error is UPLOAD_OUT_OF_ORDER:
        with suppress(RegistryError):
            error.headers.update(_headers(name, context.registry.uploads.status(name, session, caller().author)))


def _progress(name: str, upload: UploadStatus, code: int) -> Response:
    response = Response(status=code, headers=_headers(name, upload))
    if code != 204:
        response.headers["Content-Length"] = "0"
    return response


def _headers(name: str, upload: UploadStatus) -> dict[str, str]:
    """Return where the session is. ``Range`` is ``0-0`` when it is empty: docker fails on ``0--1`` and without it."""
    return {
        "Location": f"/v2/{name}/blobs/uploads/{upload.id}",
        "Range": f"0-{max(upload.size - 1, 0)}",
        "Docker-Upload-UUID": upload.id,
    }


def _created(context: Context, name: str, digest: Digest) -> Response:
    headers = {"Location": f"/v2/{name}/blobs/{digest}", "Docker-Content-Digest": str(digest)}
    response = Response(status=201, headers=headers)
    notices.warn_of_quota(response, context.registry, name)
    return response
