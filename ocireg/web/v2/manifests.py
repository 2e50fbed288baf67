"""``/v2/<name>/manifests/<reference>`` (OCI distribution v1.1.1, end-3, end-7, end-9)."""

from flask import Response, request

from ocireg.errors import TOO_LARGE, TOO_MANY_TAGS, BodyTooLarge, RegistryError
from ocireg.oci.digest import Digest
from ocireg.registry.manifests import FoundManifest
from ocireg.web import pulls
from ocireg.web.body import read_body
from ocireg.web.caller import caller
from ocireg.web.v2 import guard, notices, parse
from ocireg.web.v2.context import Context


def read(context: Context, name: str, argument: str) -> Response:
    """Answer with the manifest, byte for byte and of the type it was pushed with, whatever ``Accept`` says.

    That is a download of it, unless the client has it already.
    """
    found = context.registry.manifests.get(name, parse.reference(argument, reading=True))
    pulls.note(context, "manifest.pull", name, found.digest)
    answer = _answer(found)
    if answer.status_code == 200:
        context.registry.downloads.count(found.repository, str(found.digest))
    return answer


def describe(context: Context, name: str, argument: str) -> Response:
    """Answer as GET would, without the body."""
    reference = parse.reference(argument, reading=True)
    pushing = guard.may_push(context, caller(), name)
    return _answer(context.registry.manifests.describe(name, reference, pushing=pushing))


def _answer(found: FoundManifest) -> Response:
    headers = {
        "Content-Type": found.media_type,
        "Content-Length": str(found.size),
        "Docker-Content-Digest": str(found.digest),
        "ETag": f'"{found.digest}"',
    }
    if request.if_none_match.contains_weak(str(found.digest)):
        del headers["Content-Length"]
        return Response(status=304, headers=headers)
    return Response(found.content or None, headers=headers)


def push(context: Context, name: str, argument: str) -> Response:
    """Store a manifest; ``tag`` may be given several times when it is pushed by digest (end-7b)."""
    reference = parse.reference(argument, reading=False)
    wanted = request.args.getlist("tag") if isinstance(reference, Digest) else []
    limit = context.settings.tags_per_push
    if len(wanted) > limit:
        raise RegistryError(TOO_MANY_TAGS, f"at most {limit} tags can be set in one push")
    tags = [parse.tag(one) for one in wanted]
    with context.slots.one():
        if isinstance(reference, Digest):  # of a tag nobody knows before the body whether it is there already
            context.registry.manifests.require_quota(name, reference, request.content_length or 0)
        content = _body(context.settings.manifest_limit)
        guard.require_still(context, caller(), "push", name)
        pushed = context.registry.manifests.put(name, reference, content, request.content_type, tags, caller().author)
    response = Response(status=201)
    response.headers["Location"] = f"/v2/{name}/manifests/{reference}"
    response.headers["Docker-Content-Digest"] = str(pushed.digest)
    if pushed.subject is not None:
        response.headers["OCI-Subject"] = str(pushed.subject)
    if tags:
        response.headers["OCI-Tag"] = ", ".join(pushed.tags)
    if pushed.missing:
        notices.warn(response, f"{pushed.missing} parts of this manifest are not in the repository")
    notices.warn_of_quota(response, context.registry, name)
    return response


def _body(limit: int) -> bytes:
    """Return the body whole. SIZE_INVALID with 413 if it has more than ``limit`` bytes, announced or not."""
    too_large = RegistryError(TOO_LARGE, f"a manifest has at most {limit} bytes here")
    if (request.content_length or 0) > limit:
        raise too_large
    try:
        return b"".join(bytes(piece) for piece in read_body(request.environ, limit))
    except BodyTooLarge as error:
        raise too_large from error


def delete(context: Context, name: str, argument: str) -> Response:
    """Delete a tag alone, or a manifest with every tag that points at it."""
    reference = parse.reference(argument, reading=True)
    if isinstance(reference, Digest):
        context.registry.manifests.delete(name, reference, caller().author)
    else:
        context.registry.tags.delete(name, reference, caller().author)
    return Response(status=202)
