"""What people choose of a registry, in the forms that make and change one."""

from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from ocireg.auth.manage import values
from ocireg.web.pages.forms import Form

COLOURS = {
    "": "none",
    "#1f6feb": "blue",
    "#0f766e": "teal",
    "#1a7f37": "green",
    "#9a6700": "ochre",
    "#bc4c00": "orange",
    "#cf222e": "red",
    "#bf3989": "pink",
    "#8250df": "violet",
    "#57606a": "grey",
}
"""Those that the pages offer; the API takes any."""
EMOJI = ("📦", "🐳", "🚀", "🔧", "🧪", "🌍", "🔒", "🐍", "🦀", "☕", "🤖", "📊")
LONGEST_EMOJI = 16
VISIBILITIES = {
    "private": "Private: its readers alone pull from it, and registry tokens",
    "public": "Public: everybody who reaches this installation may see it and pull from it",
}


class Appearance(Form):
    """How a registry is shown."""

    name = StringField("Name", [InputRequired(), Length(max=values.LONGEST_TEXT)], render_kw={"autocomplete": "off"})
    description = StringField("Description", [Length(max=values.LONGEST_TEXT)], render_kw={"autocomplete": "off"})
    emoji = StringField(
        "Emoji",
        [Length(max=LONGEST_EMOJI)],
        render_kw={"list": "some-emoji", "placeholder": "📦", "autocomplete": "off"},
    )
    colour = RadioField("Colour", choices=COLOURS, default="", validate_choice=False)

    def texts(self) -> dict[str, str]:
        """Return what was chosen, as use-cases take it."""
        return {one: self[one].data or "" for one in ("name", "description", "emoji", "colour")}

    def some_emoji(self) -> tuple[str, ...]:
        """Return emoji that are suggested."""
        return EMOJI

    def colours(self) -> dict[str, str]:
        """Return the colours that can be chosen, by value: the present one is among them."""
        now = self.colour.data or ""
        return COLOURS if now in COLOURS or len(now) > len("#1f6feb") else {**COLOURS, now: now}


def visibility_field() -> RadioField:
    """Return the choice of who may see it."""
    return RadioField("Visibility", choices=VISIBILITIES, default="private")
