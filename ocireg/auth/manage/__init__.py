"""Changes of access: organizations, registries, users, tokens, grants. What the commands, the API and the pages call.

Whether somebody may make a change is asked before (``ocireg.auth.access``). Each change is one transaction with its
event in the audit log and the next generation, so that it holds everywhere within two seconds.
"""

from ocireg.auth.manage.manager import Manager

__all__ = ["Manager"]
