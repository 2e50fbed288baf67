"""``/healthz``: the process answers. ``/readyz``: it can also reach its database and its store."""

from flask import Blueprint, Response, jsonify

from ocireg.errors import RegistryError
from ocireg.registry import Registry
from ocireg.web.rules import PUBLIC, Rules


def blueprint(registry: Registry, rules: Rules) -> Blueprint:
    """Return the blueprint of both; they need no authentication and tell nothing else."""
    found = Blueprint("health", __name__)

    def healthz() -> Response:
        return jsonify({"status": "ok"})

    def readyz() -> Response:
        try:
            registry.health.require_ready()
        except RegistryError as error:
            response = jsonify({"status": "not ready", "reason": error.message})
            response.status_code = 503
            return response
        return jsonify({"status": "ready"})

    found.add_url_rule("/healthz", "healthz", healthz, methods=["GET"])
    found.add_url_rule("/readyz", "readyz", readyz, methods=["GET"])
    rules.add("health.healthz", PUBLIC)
    rules.add("health.readyz", PUBLIC)
    return found
