"""Forms of pages: what is wrong with one is said at its field, in the words of whoever refused it."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_wtf import FlaskForm

from ocireg.auth.manage.errors import ChangeError


def choices(names: Iterable[str], **others: str) -> Any:
    """Return what a field lets choose from: names that are shown as they are, and others with what is shown of them.

    WTForms 3.3 wants tuples no more; the types that are published are of 3.2.
    """
    return {**{one: one for one in names}, **others}


class Form(FlaskForm):  # type: ignore[misc] # it has no types
    """A form. The rule of its page has looked whether it was sent by whoever it was shown to."""

    def is_taken(self, change: Callable[[], object]) -> bool:
        """Say whether the form was sent, is valid, and the change that it is for was made."""
        if not self.validate_on_submit():
            return False
        try:
            change()
        except ChangeError as error:
            self.refuse(error.field, error.message)
            return False
        return True

    def refuse(self, field: str, message: str) -> None:
        """Say what is wrong, at a field of that name if there is one."""
        if field in self._fields:
            found = self._fields[field]
            found.errors = [*found.errors, message]
        else:
            self.form_errors.append(message)
