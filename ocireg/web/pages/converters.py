"""What the parts of pages' paths may be; what is none of these names nothing, and is 404."""

from werkzeug.routing import BaseConverter

from ocireg.auth.manage.values import RESERVED
from ocireg.oci import grammar

_COMPONENT = grammar.COMPONENT.pattern


_ORGANIZATION = rf"(?!(?:{'|'.join(sorted(RESERVED))})(?:/|\Z))[a-z0-9]+(?:-[a-z0-9]+)*"


class Image(BaseConverter):
    """The full name of a repository of an organization's registry; the others are below ``/root/``."""

    part_isolating = False
    regex = rf"{_ORGANIZATION}/{_COMPONENT}(?:/{_COMPONENT})+"


class Organization(BaseConverter):
    """The slug of an organization: what no organization can be called is no page, and no secret."""

    regex = _ORGANIZATION


class Tag(BaseConverter):
    """A tag."""

    regex = grammar.TAG.pattern


class Digest(BaseConverter):
    """A digest."""

    regex = grammar.DIGEST.pattern


CONVERTERS = {"image": Image, "organization": Organization, "tag": Tag, "digest": Digest}
