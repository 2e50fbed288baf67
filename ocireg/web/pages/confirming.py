"""Before something goes that does not come back, whoever does it is asked, on a page of its own."""

from dataclasses import dataclass

from flask import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from ocireg.auth.manage.errors import Invalid
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import render


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a headline, what comes of it, the button, and where who thinks better of it goes back to.

    ``crumbs`` are texts with links that lead to it.
    """

    title: str
    lines: tuple[str, ...]
    button: str
    back: str
    crumbs: tuple[tuple[str, str], ...] = ()


class Typed(Form):
    """A name, typed by whoever means it."""

    typed = StringField(
        "Type the name", [InputRequired(), Length(max=200)], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )

    def require(self, name: str) -> None:
        """Raise ``Invalid`` where it is another."""
        if (self.typed.data or "").strip() != name:
            raise Invalid("typed", f"that is not {name}")


def ask(question: Question, form: Form | None = None) -> Response:
    """Return the page that asks; ``form`` has what is to be filled in, and what is wrong with that."""
    return render("confirm.html", 422 if form and form.errors else 200, question=question, form=form)
