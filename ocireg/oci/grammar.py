"""Each rule beside its clause. All are for ``fullmatch``, ASCII only, and linear in the length of what they refuse."""

import re

# OCI distribution v1.1.1, "Pulling manifests": <name>. The separator alternatives exclude each other, so nothing
# backtracks.
COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*")
REPOSITORY_NAME = re.compile(rf"{COMPONENT.pattern}(?:/{COMPONENT.pattern})*")
# "Pulling manifests": clients limit host and name together to 255 characters.
REPOSITORY_NAME_LENGTH = 255

# "Pulling manifests": <reference> as a tag.
TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")

# distribution/reference, reference.go, "domain": what may come before the name in a reference. With ``fullmatch`` of
# alternatives that exclude each other, as above.
REFERENCE_HOST = re.compile(
    r"(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*|\[[A-Fa-f0-9:]+\])(?::[0-9]+)?"
)

# OCI image v1.1, descriptor.md, "Digests": any algorithm; and "Registered Algorithms": lower-case hexadecimal only.
# The specification sets no length; this one is twice that of the longest algorithm registered.
DIGEST_LENGTH = 256
DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
HEX = re.compile(r"[a-f0-9]+")

# RFC 6838 section 4.2, restricted names. A manifest's own type goes into a header, so nothing looser will do.
MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
# That of a descriptor is only kept and compared; file types that people push have parameters ("text/plain; charset=…").
DESCRIBED_TYPE = re.compile(MEDIA_TYPE.pattern + r"[ \t]*(?:;[\t -~]{0,1024})?")
# Two names of 127 characters and 1,024 of parameters. An artifact type, which every list of referrers repeats, is no
# longer either; that it is a media type is not checked, since some clients write words.
MEDIA_TYPE_LENGTH = 1280

# OCI distribution v1.1.1, end-5: <start>-<end>, both inclusive; no unit and no total, unlike RFC 9110. Eighteen digits
# hold an exabyte, and fit the integers of any database.
CONTENT_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")

# RFC 9110 section 14.1.2: int-range or suffix-range.
RANGE = re.compile(r"([0-9]*)-([0-9]*)")
