"""Forms of pages: what is wrong with one is said at its field, in the words of whoever refused it."""

from collections.abc import Callable

from flask_wtf import FlaskForm

from ocireg.auth.manage.errors import ChangeError


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
