"""What can be wrong with a token, or with its issuer."""


class InvalidToken(Exception):  # noqa: N818 - what it is
    """A token that is not accepted. The reason is one line for logs and their readers; it never holds the token."""


class IssuerUnavailable(InvalidToken):
    """A token that cannot be judged now: the keys of its issuer cannot be had."""


class FetchError(Exception):
    """A document that cannot be fetched: one line, the URL and what went wrong."""
