"""What is wrong with a change, by field: fit for a command line, a form and an answer in JSON alike.

::

    ChangeError
    ├── Invalid   a value that cannot be
    ├── Unknown   something that is not there
    └── Conflict  something that stands against it
"""


class ChangeError(Exception):
    """A change that cannot be made: the message is one line; ``field`` is what it is about."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class Invalid(ChangeError):  # noqa: N818 - an answer, not a failure of ours
    """A value that cannot be."""


class Unknown(ChangeError):  # noqa: N818 - likewise
    """Something that is not there."""


class Conflict(ChangeError):  # noqa: N818 - likewise
    """Something that stands against it: a name that is taken, a registry that is not empty."""

    def __init__(self, field: str, message: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(field, message)
        self.names = names
