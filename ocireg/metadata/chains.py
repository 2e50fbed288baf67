"""Layers of images, so that an image finds the ones that it is built on: those that have its first layers and no other.

A chain stands for layers in their order. An image looks for the chains of all beginnings of its own, in one statement.
"""

import hashlib
from collections.abc import Iterable, Sequence

from ocireg.metadata.database import Database
from ocireg.metadata.manifests import Edge
from ocireg.oci.media_types import DOCKER_CONFIG, OCI_CONFIG

MOST = 500
"""Layers of an image beyond which nothing is looked for, and that it has at most to be found."""
_KEEP = """
INSERT INTO image_chain (manifest_id, registry_id, chain, layers)
SELECT ?, r.registry_id, ?, ? FROM repository r WHERE r.id = ?
ON CONFLICT (manifest_id) DO UPDATE
SET registry_id = excluded.registry_id, chain = excluded.chain, layers = excluded.layers
"""
_KEEP_CHILD = "INSERT INTO image_parent (repository_id, digest, manifest_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


def is_image(edges: Sequence[Edge]) -> bool:
    """Say whether it is a container image: by its config, and because its layers claim to be archives."""
    config = [one.media_type for one in edges if one.kind == "config"]
    named = [one.media_type for one in edges if one.kind in {"layer", "foreign"}]
    return config in ([OCI_CONFIG], [DOCKER_CONFIG]) and all(".tar" in one for one in named)


def layers_of(edges: Iterable[Edge]) -> list[str]:
    """Return the digests of the layers, the lowest first."""
    return [one.digest for one in edges if one.kind in {"layer", "foreign"}]


def chains(layers: Sequence[str]) -> list[str]:
    """Return the chain of the first layer, of the first two, and so on."""
    found, so_far = [], hashlib.sha256()
    for one in layers:
        so_far.update(f"{one}\n".encode())
        found.append(so_far.hexdigest())
    return found


def keep(database: Database, repository: int, manifest: int, edges: Sequence[Edge]) -> None:
    """Let an image be found by its layers, and what an index names by the index. Inside a transaction."""
    layers = layers_of(edges)
    if 0 < len(layers) <= MOST and is_image(edges):
        database.run_many(_KEEP, [(manifest, chains(layers)[-1], len(layers), repository)])
    children = [(repository, one.digest, manifest) for one in edges if one.kind == "manifest"]
    if children:
        database.run_many(_KEEP_CHILD, children)
