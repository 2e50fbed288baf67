"""The address that clients use: whether this installation answers there, and whether a proxy leaves Locations right."""

import re
import uuid
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from ocireg.config import Settings
from ocireg.doctor import http
from ocireg.doctor.finding import Finding, not_tried, passed, warned
from ocireg.errors import RegistryError
from ocireg.metadata import repositories, uploads
from ocireg.metadata.database import Database

SET, ANSWERS, LOCATION = "external URL", "URL answers", "URL Location"
_PROXY = "let the proxy pass Host and X-Forwarded-Proto, and rewrite no Location (conf/nginx.conf)"


def checks(settings: Settings, database: Database | None) -> Iterator[Finding]:
    """Ask for ``/v2/`` as clients do; begin an upload to see its Location, and give it up."""
    yield _scheme(settings)
    if not settings.url:
        return
    answers = _answers(settings.url)
    yield answers
    yield not_tried(LOCATION, f"{ANSWERS} failed") if answers.message else _location(settings.url, database)


def _scheme(settings: Settings) -> Finding:
    if not settings.url:
        return passed(SET, f"none is set: clients use http{'s' if settings.tls_cert else ''}://{settings.bind}")
    parts = urlsplit(settings.url)
    if parts.scheme == "http" and not re.fullmatch(r"localhost|127\.[0-9.]+|::1", parts.hostname or ""):
        return warned(
            SET,
            settings.url,
            "clients refuse plain HTTP",
            "serve HTTPS: --tls-cert and --tls-key, or a proxy that does",
        )
    return passed(SET, settings.url)


def _answers(url: str) -> Finding:
    text = f"{url}/v2/ answers as a registry"
    try:
        answer = http.ask("GET", f"{url}/v2/")
    except http.NoAnswer as error:
        return warned(ANSWERS, text, str(error), "is the registry running, and does its name lead here?")
    if 300 <= answer.status < 400:
        target = urlsplit(urljoin(url, answer.headers.get("Location", "")))
        return warned(ANSWERS, text, f"it redirects to {target.scheme}://{target.netloc}", "set --url to that")
    if answer.status not in {200, 401} or "Docker-Distribution-API-Version" not in answer.headers:
        return warned(ANSWERS, text, f"it answers {answer.status}, not as a registry", "let the proxy lead /v2/ here")
    return passed(ANSWERS, f"{text} ({answer.status})")


def _location(url: str, database: Database | None) -> Finding:
    """Begin an upload in a repository that nobody uses, and take it away again."""
    text = "an upload's Location leads back to it"
    name = f"ocireg-doctor/{uuid.uuid4().hex}"
    try:
        begun = http.ask("POST", f"{url}/v2/{name}/blobs/uploads/")
        if begun.status in {401, 403}:
            return passed(LOCATION, f"not looked at: pushing there needs a login ({begun.status})")
        if begun.status == 405:
            return passed(LOCATION, "not looked at: the registry there is read-only")
        if begun.status != 202:
            return warned(LOCATION, text, f"beginning an upload answers {begun.status}", "its log says why")
        return _compared(text, url, begun, database)
    except http.NoAnswer as error:
        return warned(LOCATION, text, str(error), "its log may say why")
    finally:
        _forget(name, database)


def _compared(text: str, url: str, begun: http.Answer, database: Database | None) -> Finding:
    location = begun.headers.get("Location", "")
    foreign = database is not None and not uploads.exists(database, begun.headers.get("Docker-Upload-UUID", ""))
    http.ask("DELETE", urljoin(url, urlsplit(location).path))
    if foreign:
        return warned(LOCATION, text, "another installation answers there", "let the address lead to this one")
    found = urljoin(url, location)
    if _origin(found) != _origin(url):
        said = urlsplit(found)
        return warned(LOCATION, text, f"it says {said.scheme}://{said.netloc}, which is not {url}", _PROXY)
    return passed(LOCATION, f"{text}, and to this installation")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _forget(name: str, database: Database | None) -> None:
    """Take away the repository that the upload has made, if it was here."""
    if database is not None:
        with suppress(RegistryError), database.transaction(durable=False):
            repositories.remove_unused(database, name)
