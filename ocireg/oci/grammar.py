"""Each rule beside its clause. All are for ``fullmatch``, ASCII only, and linear in the length of what they refuse."""

import re

# OCI distribution v1.1.1, "Pulling manifests": <name>. The separator alternatives exclude each other, so nothing
# backtracks.
REPOSITORY_NAME = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*")
# "Pulling manifests": clients limit host and name together to 255 characters.
REPOSITORY_NAME_LENGTH = 255

# "Pulling manifests": <reference> as a tag.
TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")

# OCI image v1.1, descriptor.md, "Digests".
DIGEST_LENGTH = 256
DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")

# RFC 6838 section 4.2, restricted names; the type goes into a header, so nothing looser will do.
MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")

# OCI distribution v1.1.1, end-5: <start>-<end>, both inclusive. Nineteen digits hold 2**63 - 1.
CONTENT_RANGE = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")

# RFC 9110 section 14.1.2: int-range or suffix-range.
RANGE = re.compile(r"([0-9]*)-([0-9]*)")
