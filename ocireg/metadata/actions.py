"""The vocabulary of the audit log: every action that an event can have, and what it means."""

from collections.abc import Mapping

ACTIONS: Mapping[str, str] = {
    "manifest.push": "A manifest was pushed, by tag or digest; the detail has its tags.",
    "manifest.pull": "A manifest was pulled. Written where audit_pulls is set.",
    "manifest.delete": "A manifest was deleted, and its tags with it.",
    "manifest.collect": "Nothing kept a manifest any more; the detail has the reason, and since when.",
    "tag.delete": "A tag was deleted; what it pointed at stays.",
    "tag.restore": "A tag points again at what it pointed at before; the detail has the digest.",
    "upload.cancel": "An upload under way was cancelled by somebody who administers the instance.",
    "blob.push": "A blob was pushed.",
    "blob.mount": "A blob was taken over from another repository, which the detail names.",
    "blob.pull": "A blob was pulled, or its client was sent to the store for it. Written where audit_pulls is set.",
    "blob.delete": "A blob was deleted from a repository.",
    "repository.delete": "A repository was deleted with all it held.",
    "repository.move": "A repository was given another name, which is the subject.",
    "login": "Credentials were accepted.",
    "login.refused": "Credentials were refused; the actor is the name that was claimed.",
    "session.end": "Somebody signed out of the pages, or was.",
    "token.create": "A personal token was made.",
    "token.revoke": "A personal token was revoked.",
    "registry_token.create": "A token of a registry was made.",
    "registry_token.revoke": "A token of a registry was revoked.",
    "user.create": "A user was made.",
    "user.change": "A user was changed; the detail names what.",
    "user.delete": "A user was deleted.",
    "organization.create": "An organization was made.",
    "organization.change": "An organization was changed; the detail names what.",
    "organization.delete": "An organization was deleted.",
    "member.add": "A user became a member of an organization.",
    "member.change": "A member of an organization has another role.",
    "member.remove": "A member of an organization is none any more.",
    "registry.create": "A registry was made.",
    "registry.change": "A registry was changed; the detail names what.",
    "registry.delete": "A registry was deleted.",
    "grant.set": "Somebody was given access, or another one.",
    "grant.remove": "Access was taken away.",
    "policy.change": "The policy of who may come by OIDC was changed.",
    "key.change": "The keys that tokens are signed with were changed.",
    "database.restore": "A snapshot took the place of the database; the detail has its name and when it was taken.",
    "database.rebuild": "What the store has and the database did not know was taken in; the detail has how much.",
    "audit.lost": "Events were lost before they could be written; the detail has their number.",
}
"""What an event may be about, by name."""
PULLS = frozenset({"manifest.pull", "blob.pull"})
"""Those that are written where the setting ``audit_pulls`` says so."""
