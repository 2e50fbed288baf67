"""An installation that serves accounts, with one of everything that a page can show."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from ocireg.auth.manage import Manager
from ocireg.auth.scopes import READ_PACKAGES
from ocireg.installation import open_database
from ocireg.metadata import layers
from ocireg.metadata.audit import SYSTEM
from ocireg.metadata.immutable_rules import Rule
from ocireg.oci.digest import Digest
from tests.browser import hostile
from tests.browser.artifacts import Artifact
from tests.browser.stock import API, TOOL, WAITING, WORKER, everything, parts
from tests.clients.accounts import ADMIN, manager_of
from tests.server import Server
from tests.settings import settings_for

PASSWORD = "correct horse battery"
"""Of every user: ``admin`` of the instance, ``olga`` of the organization acme, ``rita`` who reads, ``nemo`` nothing.

``stella`` is of the organization stage, in which scenes make what they change.
"""
A_DAY = 86400.0
"""Seconds."""
POLICY = "- iss: https://token.actions.githubusercontent.com\n  claims:\n    repository: acme/web\n"


@dataclass(frozen=True, slots=True)
class Installation:
    """It serves. ``digests`` are by what was pushed, as ``acme/public/tool:1.0``; ``parts`` names the others."""

    server: Server
    digests: dict[str, str]

    @property
    def url(self) -> str:
        """Where it serves, without a slash at the end."""
        return self.server.url


def bare(folder: Path) -> Server:
    """Return a server with nobody but the admin, and nothing; it is not started yet."""
    server = Server(folder, open="false", admin_token=ADMIN, login_failures=10**6, token_requests=10**6)
    done = server.run("init")
    assert done.returncode == 0, done.stderr
    manager_of(folder, server).users.set_password(SYSTEM, "admin", PASSWORD)
    return server


def serving(folder: Path, **settings: str) -> Server:
    """Return a server with people and registries, which knows its URL, and nothing pushed; it is not started yet."""
    server = bare(folder)
    server.settings |= {"url": server.url, **settings}
    manager = manager_of(folder, server)
    _people(manager)
    _registries(manager)
    return server


def filled(server: Server) -> Installation:
    """Push one of everything to a server that was made by ``serving``, and has started."""
    made, known = Installation(server, {}), set[tuple[str, str]]()
    with requests.Session() as session:
        session.auth = ("admin", ADMIN)
        for repository, tag, artifact in everything():
            push(session, server.url, repository, artifact, tag, whole=(repository, artifact.digest) not in known)
            known.add((repository, artifact.digest))
            made.digests[f"{repository}:{tag}"] = artifact.digest
        made.digests.update(parts())
        for one in (API, WORKER, TOOL):
            for _ in range(3):
                session.get(f"{server.url}/v2/{one}/manifests/1.0", timeout=30).raise_for_status()
        session.delete(f"{server.url}/v2/{API}/manifests/withdrawn", timeout=30).raise_for_status()
        begun = session.post(f"{server.url}/v2/{WORKER}/blobs/uploads/", timeout=30)
        session.patch(f"{server.url}{begun.headers['Location']}", data=bytes(10**6), timeout=30).raise_for_status()
        _hold(server)
        assert server.run("backup").returncode == 0
        for registry in ("acme/containers", "acme/hostile"):
            _list(session, f"{server.url}/api/v1/registries/{registry}/packages")
        for registry, share in (("acme/containers", 0.3), ("acme/hostile", 0.9)):
            _limit(session, f"{server.url}/api/v1/registries/{registry}", share)
    return made


def _limit(session: requests.Session, registry: str, share: float) -> None:
    """Let a registry have a quota of which it uses that share."""
    used = session.get(f"{registry}/usage", timeout=30).json()["size"]
    session.put(f"{registry}/quota", json={"quota": int(used / share)}, timeout=30).raise_for_status()


def _hold(server: Server) -> None:
    """Let the layers of an image wait for a listing that is half done: as one is whose process was stopped."""
    _, _, waiting = next(one for one in everything() if one[0] == WAITING)
    layers_of = {str(Digest.of(blob)): len(blob) for blob in waiting.blobs[1:]}
    database = open_database(settings_for(server.folder, **server.settings))
    with database.transaction(durable=False):
        layers.ask(database, layers_of, len(layers_of))
        for size in layers_of.values():
            held = layers.claim(database, A_DAY)
            assert held is not None
            layers.renew(database, held, size // 2, A_DAY)
    database.close()


def _list(session: requests.Session, packages: str) -> None:
    """Wait until the files of the images of a registry are listed, but for those that are held."""
    found = session.get(packages, params={"per_page": 100}, timeout=30).json()
    asked = [one["url"] for one in found if one["name"] != WAITING]
    images = [one for one in asked if session.post(f"{one}/contents", timeout=30).status_code != 404]
    until = time.monotonic() + 60
    while any(_is_awaited(session.get(f"{one}/contents/totals", timeout=30).json()) for one in images):
        assert time.monotonic() < until, "files are not listed"
        time.sleep(0.05)


def _is_awaited(totals: dict[str, Any]) -> bool:
    """Say whether layers of an image are to be listed, or its files to be counted."""
    return totals["state"] == "pending" or (totals["state"] == "ready" and totals["files"] is None)


def _people(manager: Manager) -> None:
    for name in ("olga", "rita", "nemo", "stella"):
        manager.users.create(SYSTEM, name, password=PASSWORD)
    manager.tokens.create(SYSTEM, "olga", scopes=[READ_PACKAGES], description="laptop", networks="192.0.2.0/24")
    manager.tokens.create(SYSTEM, "olga", scopes=[READ_PACKAGES], description=hostile.ONE_LINE, lifetime=86400)


def _registries(manager: Manager) -> None:
    manager.organizations.create(SYSTEM, "acme", "Acme Corporation", admin="olga")
    manager.organizations.create(SYSTEM, "rockets", "Rockets, which has no registry yet", admin="olga")
    manager.organizations.create(SYSTEM, "stage", "Stage", admin="stella")
    manager.organizations.enrol(SYSTEM, "acme", "rita", "member")
    make = manager.registries.create
    make(SYSTEM, "acme/containers", name="Containers", emoji="🚀", colour="#1f6feb", description="What runs here")
    make(SYSTEM, "acme/public", name="Public tools", emoji="👩🏽‍🚀", colour="#2da44e", visibility="public")
    make(SYSTEM, "acme/charts", name="Charts", emoji="⛵", colour="#ffffff")
    make(SYSTEM, "acme/plain")
    make(SYSTEM, "acme/empty", name="Empty", emoji="🫙", colour="#000000", visibility="public")
    make(SYSTEM, "acme/hostile", name=hostile.ONE_LINE, description=hostile.ONE_LINE, visibility="public")
    manager.registries.grant(SYSTEM, "acme/containers", "rita", "read")
    manager.immutable.add(SYSTEM, "acme/charts", Rule(("*.*.*", "stable"), ("web*",), ("0.*",)))
    manager.registries.set_policy(SYSTEM, "acme/containers", POLICY)
    manager.registries.set_policy(SYSTEM, "acme/hostile", f"# {hostile.SCRIPT}\n{POLICY}")
    manager.tokens.create_for_registry(SYSTEM, "acme/containers", "the cluster in Frankfurt")


def push(
    session: requests.Session, url: str, repository: str, artifact: Artifact, tag: str, *, whole: bool = True
) -> None:
    """Push what an artifact needs, and then its manifest, by digest where there is no tag; ``url`` is the server's.

    ``whole``: what it needs is not there yet.
    """
    for child in artifact.children if whole else ():
        push(session, url, repository, child, "")
    for blob in artifact.blobs if whole else ():
        digest = str(Digest.of(blob))
        answer = session.post(f"{url}/v2/{repository}/blobs/uploads/?digest={digest}", data=blob, timeout=30)
        assert answer.status_code == 201, answer.text
    reference = tag or artifact.digest
    kind = {"Content-Type": artifact.media_type}
    where = f"{url}/v2/{repository}/manifests/{reference}"
    answer = session.put(where, data=artifact.manifest, headers=kind, timeout=30)
    assert answer.status_code == 201, answer.text
