"""The table of end-points: what routes the requests, what is tested, and what ``docs/conformance.rst`` is made from.

Paths are parsed from the right, since ``a/blobs/uploads/b``, ``x/manifests/y`` and ``tags/list`` are lawful
repository names: what comes last decides, and all before it is the name.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """A form of path below ``/v2/``: its name, the template as documentation writes it, and its pattern."""

    name: str
    path: str
    pattern: re.Pattern[str]


RESOURCES = (
    Resource("base", "/v2/", re.compile(r"")),
    Resource("catalog", "/v2/_catalog", re.compile(r"_catalog")),
    Resource("tags", "/v2/<name>/tags/list", re.compile(r"(?P<name>.+)/tags/list", re.DOTALL)),
    Resource("uploads", "/v2/<name>/blobs/uploads/", re.compile(r"(?P<name>.+)/blobs/uploads/?", re.DOTALL)),
    Resource(
        "upload",
        "/v2/<name>/blobs/uploads/<session>",
        re.compile(r"(?P<name>.+)/blobs/uploads/(?P<argument>[^/]+)", re.DOTALL),
    ),
    Resource("blob", "/v2/<name>/blobs/<digest>", re.compile(r"(?P<name>.+)/blobs/(?P<argument>[^/]+)", re.DOTALL)),
    Resource(
        "manifest",
        "/v2/<name>/manifests/<reference>",
        re.compile(r"(?P<name>.+)/manifests/(?P<argument>[^/]+)", re.DOTALL),
    ),
    Resource(
        "referrers",
        "/v2/<name>/referrers/<digest>",
        re.compile(r"(?P<name>.+)/referrers/(?P<argument>[^/]+)", re.DOTALL),
    ),
)


@dataclass(frozen=True, slots=True)
class EndPoint:
    """One row: the clause, the request, the query that sets it apart, its statuses, what it needs, and what it does."""

    clause: str
    method: str
    resource: str
    query: str
    success: tuple[int, ...]
    failure: tuple[int, ...]
    action: str
    summary: str


ENDPOINTS = (
    EndPoint("end-1", "GET", "base", "", (200,), (), "none", "says that this is a registry"),
    EndPoint(
        "end-2", "GET", "blob", "", (200, 206, 304, 307), (400, 404, 416), "pull", "reads a blob, whole or in ranges"
    ),
    EndPoint("end-2", "HEAD", "blob", "", (200, 304), (400, 404), "pull", "describes a blob"),
    EndPoint("end-3", "GET", "manifest", "", (200, 304), (400, 404), "pull", "reads a manifest by tag or digest"),
    EndPoint("end-3", "HEAD", "manifest", "", (200, 304), (400, 404), "pull", "describes a manifest"),
    EndPoint("end-4a", "POST", "uploads", "", (202,), (400, 429, 507), "push", "begins an upload session"),
    EndPoint(
        "end-4b",
        "POST",
        "uploads",
        "digest=<digest>",
        (201,),
        (400, 403, 413, 429, 507),
        "push",
        "pushes a blob at once",
    ),
    EndPoint(
        "end-4c", "POST", "uploads", "digest-algorithm=<algorithm>", (202,), (400,), "push", "announces an algorithm"
    ),
    EndPoint(
        "end-5", "PATCH", "upload", "", (202,), (400, 403, 404, 413, 416, 429, 507), "push", "adds a chunk, or streams"
    ),
    EndPoint(
        "end-6",
        "PUT",
        "upload",
        "digest=<digest>",
        (201,),
        (400, 403, 404, 413, 416, 429, 507),
        "push",
        "ends an upload with its blob",
    ),
    EndPoint(
        "end-7a", "PUT", "manifest", "", (201,), (400, 403, 413, 429, 507), "push", "pushes a manifest by tag or digest"
    ),
    EndPoint(
        "end-7b",
        "PUT",
        "manifest",
        "tag=<tag>&tag=<tag>",
        (201,),
        (400, 403, 413, 414, 429, 507),
        "push",
        "pushes a manifest by digest and tags it",
    ),
    EndPoint("end-8a", "GET", "tags", "", (200,), (400, 404), "pull", "lists tags"),
    EndPoint("end-8b", "GET", "tags", "n=<integer>&last=<tag>", (200,), (400, 404), "pull", "lists a page of tags"),
    EndPoint(
        "end-9", "DELETE", "manifest", "", (202,), (400, 404), "delete", "deletes a tag, or a manifest with its tags"
    ),
    EndPoint("end-10", "DELETE", "blob", "", (202,), (400, 404), "delete", "deletes a blob from the repository"),
    EndPoint(
        "end-11",
        "POST",
        "uploads",
        "mount=<digest>&from=<name>",
        (201, 202),
        (400, 403),
        "push",
        "mounts a blob of another repository",
    ),
    EndPoint("end-12a", "GET", "referrers", "", (200,), (400,), "pull", "lists what refers to a manifest"),
    EndPoint("end-12b", "GET", "referrers", "artifactType=<type>", (200,), (400,), "pull", "lists those of one type"),
    EndPoint("end-13", "GET", "upload", "", (204,), (404,), "push", "says how far an upload is"),
    EndPoint("end-14", "DELETE", "upload", "", (204,), (404,), "push", "gives an upload up"),
    EndPoint("Docker", "GET", "catalog", "n=<integer>&last=<name>", (200,), (400,), "catalog", "lists repositories"),
)


@dataclass(frozen=True, slots=True)
class Match:
    """What a path asks for: the resource, the repository name, and what comes after it. Nothing is validated yet."""

    resource: str
    name: str
    argument: str


def match(path: str) -> Match | None:
    """Parse what follows ``/v2/``; None if it is no end-point."""
    for one in RESOURCES:
        if found := one.pattern.fullmatch(path):
            parts = found.groupdict()
            return Match(one.name, parts.get("name", ""), parts.get("argument", ""))
    return None


def methods(resource: str) -> list[str]:
    """Return the methods that a resource takes; HEAD goes wherever GET goes."""
    found = {one.method for one in ENDPOINTS if one.resource == resource}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


def action(resource: str, method: str) -> str:
    """Return what a request does, as the table says; HEAD is what GET is. ``KeyError`` of what is not in it."""
    return _ACTIONS[resource, "GET" if method == "HEAD" and (resource, method) not in _ACTIONS else method]


_ACTIONS = {(one.resource, one.method): one.action for one in ENDPOINTS}
