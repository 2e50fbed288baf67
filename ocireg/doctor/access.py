"""Access: the key that signs, whether somebody can log in, and what would let in nobody or everybody."""

import stat
import time
from collections.abc import Iterator

from ocireg.auth import keys
from ocireg.auth.policy import PolicyError, parse
from ocireg.config import Settings
from ocireg.doctor.finding import Finding, failed, not_tried, passed, warned
from ocireg.errors import OperatorError
from ocireg.metadata import credentials, generation, registries, users
from ocireg.metadata.database import Database

KEY, LOGINS, OPEN, POLICIES, PROXIES = "signing key", "logins", "open", "OIDC policies", "proxies"
_SAME_KEY = "give all nodes the same OCIREG_SECRET_KEY, or the same file secret.key, and restart them"


def checks(settings: Settings, database: Database | None) -> Iterator[Finding]:
    """Check what the settings say, and with the database who and what is in it."""
    yield _open(settings)
    yield _proxies(settings)
    if database is None:
        yield from (not_tried(one, "database failed") for one in (KEY, LOGINS, POLICIES))
        return
    yield _key(settings, database)
    yield _logins(settings, database)
    yield _policies(settings, database)


def _open(settings: Settings) -> Finding:
    if not settings.open:
        return passed(OPEN, "it is asked who may push, pull and delete")
    return warned(
        OPEN,
        "everything is open",
        "whoever reaches the registry may push, pull and delete, without login",
        "take OCIREG_OPEN away; ocireg init makes the user admin",
    )


def _proxies(settings: Settings) -> Finding:
    if settings.trusted_proxies:
        return passed(PROXIES, f"{settings.trusted_proxies} are believed about clients")
    if settings.url.startswith("https:") and not settings.tls_cert:
        return warned(
            PROXIES,
            "none is believed about clients",
            "url is https and no certificate is set, so a proxy is in front: failed logins of all clients count "
            "together, and the audit log has its address",
            "set OCIREG_TRUSTED_PROXIES to the addresses of the proxy",
        )
    return passed(PROXIES, "none is expected in front")


def _key(settings: Settings, database: Database) -> Finding:
    text = "a key signs tokens"
    try:
        known = [keys.fingerprint(one) for one in keys.load(settings)]
    except OperatorError as error:
        return failed(KEY, text, str(error), "ocireg init makes one; every login ends with the one that is lost")
    text = f"{known[-1]} signs, {len(known)} verify"
    announced = generation.read(database).signing_key
    if announced and announced not in known:
        return failed(KEY, text, f"{announced} is what another node, or this one before, signs with", _SAME_KEY)
    if announced and announced != known[-1]:
        return warned(KEY, text, f"running processes may sign with {announced} still", "restart them")
    path = settings.data / keys.FILE
    if not settings.secret_key and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return warned(KEY, text, f"other users of this machine may reach {path}", f"chmod 600 {path}")
    return passed(KEY, text)


def _logins(settings: Settings, database: Database) -> Finding:
    text = "somebody who administers the instance can log in"
    if settings.open:
        return passed(LOGINS, f"not looked at: {OPEN} is set")
    found = [users.by_id(database, user) for user in users.admins(database)]
    names = [one.name for one in found if one and (one.password or _has_token(database, one.id))]
    if names:
        return passed(LOGINS, f"{text}: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}")
    return warned(
        LOGINS,
        text,
        "nobody who does has a password, or a token that has not expired",
        "ocireg user add NAME --admin, ocireg user password NAME, or ocireg token create --user NAME --scope all",
    )


def _has_token(database: Database, user: str) -> bool:
    now = time.time()
    return any(one.expires_at is None or one.expires_at > now for one in credentials.api_tokens(database, user))


def _policies(settings: Settings, database: Database) -> Finding:
    held = [one for one in registries.page(database) if one.policy_id]
    text = f"{len(held)} of the registries have one"
    for one in held:
        try:
            parse(one.policy, settings.oidc_issuers)
        except PolicyError as error:
            path = one.path or "root"
            fault = str(error).partition("\n")[0]
            advice = f"ocireg policy show {path}; mend it, or OCIREG_OIDC_ISSUERS"
            return warned(POLICIES, text, f"that of {path} lets nobody in: {fault}", advice)
    if held and not settings.url:
        return warned(
            POLICIES,
            text,
            "url is not set: tokens of issuers name it, so that all of them are refused",
            "set OCIREG_URL to the address that clients use",
        )
    return passed(POLICIES, text)
