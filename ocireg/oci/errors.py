"""What a malformed value raises. The web maps each to a row of the error table.

::

    ProtocolError (ValueError)
    ├── InvalidName          repository name
    ├── InvalidTag           tag
    ├── InvalidDigest        digest: malformed, or of an algorithm that is not supported
    ├── InvalidManifest      manifest or index; the message is fit for a client
    ├── InvalidContentRange  Content-Range of a chunk
    ├── InvalidPageSize      the n of a list
    └── Unsatisfiable        no range asked for lies in the content
"""


class ProtocolError(ValueError):
    """A value that the protocol does not allow."""


class InvalidName(ProtocolError):  # noqa: N818 - the codes of the specification are named so
    """Not a repository name."""


class InvalidTag(ProtocolError):  # noqa: N818
    """Not a tag."""


class InvalidDigest(ProtocolError):  # noqa: N818
    """Not a digest, or of an algorithm that is not supported."""


class InvalidManifest(ProtocolError):  # noqa: N818
    """Not a manifest, nor an index."""


class InvalidContentRange(ProtocolError):  # noqa: N818
    """Not the Content-Range of a chunk."""


class InvalidPageSize(ProtocolError):  # noqa: N818
    """Not a number of items."""


class Unsatisfiable(ProtocolError):  # noqa: N818
    """None of the ranges asked for lies in the content."""
