"""``/token``: access tokens for credentials (distribution's docs/spec/auth/token.md and oauth.md)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from ocireg.auth.desk import Issued
from ocireg.auth.gate import Gate
from ocireg.auth.login import Login, Refused
from ocireg.config import Settings
from ocireg.errors import BAD_REQUEST, UNAUTHORIZED, RegistryError
from ocireg.oci.scope import parse_scopes
from ocireg.web import client
from ocireg.web.challenge import SERVICE
from ocireg.web.form import read_form
from ocireg.web.rules import PUBLIC, Rules

FORM_LIMIT = 64 * 1024
"""Bytes of a form."""


def blueprint(gate: Gate, settings: Settings, rules: Rules) -> Blueprint:
    """Return the blueprint of the token end-point. Whoever asks gets a token: what it is good for is another matter."""
    found = Blueprint("token", __name__)

    def by_query() -> Response:
        address = client.address(settings)
        gate.count_token_request(address)
        login = _by_basic(gate, address)
        offline = request.args.get("offline_token") == "true"
        issued = gate.issue(login, parse_scopes(request.args.getlist("scope")), offline=offline)
        return _answer({"token": issued.token, "access_token": issued.token, **_common(issued)})

    def by_form() -> Response:
        address = client.address(settings)
        gate.count_token_request(address)
        form = read_form(FORM_LIMIT)
        login = _by_form(gate, address, form)
        offline = form.get("access_type") == "offline"
        issued = gate.issue(login, parse_scopes(form.getlist("scope")), offline=offline)
        body = {"access_token": issued.token, "scope": issued.scope, **_common(issued)}
        if form.get("grant_type") == "refresh_token":  # the same one: it can be used again, and lives no longer
            body["refresh_token"] = form["refresh_token"]
        return _answer(body)

    found.add_url_rule("/token", "by_query", by_query, methods=["GET"])
    found.add_url_rule("/token", "by_form", by_form, methods=["POST"])
    rules.add("token.by_query", PUBLIC)
    rules.add("token.by_form", PUBLIC)
    return found


def _by_basic(gate: Gate, address: str | None) -> Login:
    """Return who shows a secret; nobody, where none is shown. UNAUTHORIZED."""
    shown = request.authorization
    if shown is None and "Authorization" not in request.headers:
        return gate.anonymous
    if shown is None or shown.type != "basic":
        raise _refused("basic authentication is wanted here")
    if not shown.username and not shown.password:
        return gate.anonymous
    return _logged_in(gate, shown.username or "", shown.password or "", address)


def _by_form(gate: Gate, address: str | None, form: MultiDict[str, str]) -> Login:
    kind = form.get("grant_type")
    if kind == "password":
        return _logged_in(gate, form.get("username", ""), form.get("password", ""), address)
    if kind == "refresh_token":
        try:
            return gate.resume(form.get("refresh_token", ""), address)
        except Refused as error:
            raise _refused("the refresh token is not good any more: log in again") from error
    raise RegistryError(BAD_REQUEST, "grant_type must be password or refresh_token")


def _logged_in(gate: Gate, name: str, secret: str, address: str | None) -> Login:
    try:
        return gate.log_in(name, secret, address, client.agent())
    except Refused as error:
        raise _refused("the user name or the secret is not good") from error


def _refused(message: str) -> RegistryError:
    return RegistryError(UNAUTHORIZED, message, headers={"WWW-Authenticate": f'Basic realm="{SERVICE}"'})


def _common(issued: Issued) -> dict[str, object]:
    at = datetime.fromtimestamp(int(issued.issued_at), UTC).isoformat().replace("+00:00", "Z")
    found: dict[str, object] = {"expires_in": issued.expires_in, "issued_at": at}
    return found | ({"refresh_token": issued.refresh_token} if issued.refresh_token else {})


def _answer(body: Mapping[str, Any]) -> Response:
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"  # RFC 6749 section 5.1
    return response
