"""The table of login sessions, as the newest migration leaves it. Times are seconds since the epoch, UTC."""

from peewee import DoubleField, ForeignKeyField, Model, TextField

from ocireg.metadata.access_models import User


class LoginSession(Model):
    """Somebody who has signed in to the pages. ``id`` is the hash of what their browser has; ``reference`` is JSON."""

    id = TextField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    reference = TextField()
    address = TextField(default="")
    agent = TextField(default="")
    created_at = DoubleField()
    expires_at = DoubleField(index=True)

    class Meta:
        """Two words."""

        table_name = "login_session"
