"""Why a layer is not listed. The messages are sentences for people, and hold no word of the archive's own."""


class ContentsError(Exception):
    """A layer that is not listed. ``reason`` is the sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuch(ContentsError):  # noqa: N818 - a cap that was met, not a failure of ours
    """A cap ended it."""


class NotATar(ContentsError):  # noqa: N818 - likewise
    """It is no tar archive, or a damaged one."""
