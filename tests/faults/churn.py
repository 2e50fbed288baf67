"""A client that pushes, pushes again, mounts, tags anew, deletes and pulls a small set of blobs, as a process.

``python -m tests.faults.churn URL CLIENT SECONDS PROMISE`` prints what it did, and what its tags point at in the end.
It goes on whatever happens to the server. What it was told is there (200 to HEAD, 201) it may rely on for PROMISE
seconds: a push that is refused before, since something is missing, is lost.
"""

import json
import random
import sys
import time
from collections import Counter
from typing import Any

import requests

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_EMPTY, OCI_INDEX, OCI_MANIFEST

BLOBS = [random.Random(seed).randbytes(2000 * seed) for seed in range(1, 9)]
REPOSITORIES = ["soak/a", "soak/b", "soak/c"]
FINE = {"HEAD": {200, 404}, "GET": {200, 404}, "POST": {201, 202}, "DELETE": {202, 404}, "PUT": {201, 400, 404}}
"""What a client of a registry that lives may be told here: success, or that something is not there."""


class Lost(Exception):  # noqa: N818 - an outcome
    """Something is missing that was there."""


class Client:
    """One client. Its tags are its own; blobs and children are everybody's."""

    def __init__(self, url: str, name: str, promise: float) -> None:
        self.url = f"{url}/v2"
        self.name = name
        self.promise = promise
        self.random = random.Random(name)
        self.session = requests.Session()
        self.count: Counter[str] = Counter()
        self.tags: dict[str, str] = {}
        self.losses: list[str] = []

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request, again while the worker that has it dies."""
        while True:
            try:
                answer = self.session.request(method, f"{self.url}/{path}", timeout=30, **more)
            except requests.RequestException:
                self.count["cut off"] += 1
                time.sleep(0.1)
                continue
            if answer.status_code in {429, 503}:  # the database is busy: documented, with Retry-After
                self.count["told to wait"] += 1
                time.sleep(0.2)
                continue
            if answer.status_code not in FINE[method]:
                self.losses.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            return answer

    def bring(self, repository: str, content: bytes) -> None:
        """See that a blob is there: it is, or another repository has it, or it is pushed."""
        digest = Digest.of(content)
        if self.random.random() < 0.6 and self.ask("HEAD", f"{repository}/blobs/{digest}").status_code == 200:
            self.count["found"] += 1
            return
        where = f"{repository}/blobs/uploads/"
        if self.random.random() < 0.3:
            source = self.random.choice(REPOSITORIES)
            if self.ask("POST", f"{where}?mount={digest}&from={source}").status_code == 201:
                self.count["mounted"] += 1
                return
        self.ask("POST", f"{where}?digest={digest}", data=content)
        self.count["pushed blobs"] += 1

    def put(self, repository: str, reference: str, body: dict[str, Any], since: float) -> str:
        """Push a manifest, of whose parts the first was there ``since`` then (monotonic). "" where it came too late."""
        content = json.dumps(body, sort_keys=True).encode()
        path = f"{repository}/manifests/{reference or Digest.of(content)}"
        answer = self.ask("PUT", path, data=content, headers={"Content-Type": body["mediaType"]})
        if answer.status_code == 201:
            self.count["pushed manifests"] += 1
            return str(Digest.of(content))
        if time.monotonic() - since < self.promise:
            self.losses.append(f"PUT {path}: {answer.text[:300]}")
        self.count["too late"] += 1
        return ""

    def image(self, repository: str, reference: str, *, own: bool, **more: Any) -> str:
        """Push an image of some of the blobs."""
        since = time.monotonic()
        chosen = self.random.sample(BLOBS, self.random.randint(1, 3))
        for one in chosen:
            self.bring(repository, one)
        config, *layers = (_descriptor(one) for one in chosen)
        body = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers, **more}
        if own:
            body["annotations"] = {"client": self.name}
        return self.put(repository, reference, body, since)

    def index(self, repository: str, tag: str) -> str:
        """Push an index of images that are pushed by digest before, or are there."""
        since = time.monotonic()
        children = [self.image(repository, "", own=False) for _ in range(self.random.randint(1, 3))]
        again = [one for one in children if one and self.random.random() < 0.3]
        for one in again:
            if self.ask("HEAD", f"{repository}/manifests/{one}").status_code == 404:
                self.losses.append(f"HEAD {repository}/manifests/{one}: gone, {time.monotonic() - since:.1f} s")
        listed = [{"mediaType": OCI_MANIFEST, "digest": one, "size": 2} for one in children if one]
        notes = {"client": self.name}
        body = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed, "annotations": notes}
        return self.put(repository, tag, body, since)

    def push(self) -> None:
        """Point one of the own tags at something: an image, an index, or another's manifest."""
        repository, tag = self.mine()
        digest = self.image(repository, tag, own=True) if self.random.random() < 0.6 else self.index(repository, tag)
        if digest:
            self.tags[f"{repository}:{tag}"] = digest

    def retag(self) -> None:
        """Point one of the own tags at what another one points at, without asking whether its parts are there."""
        repository, tag = self.mine()
        _, other = self.mine()
        digest = self.tags.get(f"{repository}:{other}")
        found = self.ask("GET", f"{repository}/manifests/{other}")
        if (found.status_code == 404) == bool(digest):
            self.losses.append(f"GET {repository}:{other}: {found.status_code}")
        if found.status_code == 200:
            headers = {"Content-Type": found.headers["Content-Type"]}
            answer = self.ask("PUT", f"{repository}/manifests/{tag}", data=found.content, headers=headers)
            if answer.status_code != 201:  # its tag is there all the time
                self.losses.append(f"PUT {repository}:{tag}: {answer.text[:300]}")
            self.tags[f"{repository}:{tag}"] = str(Digest.of(found.content))
            self.count["retagged"] += 1

    def sign(self) -> None:
        """Push a signature of one of the own manifests."""
        if self.tags:
            name, digest = self.random.choice(sorted(self.tags.items()))
            subject = {"mediaType": OCI_MANIFEST, "digest": digest, "size": 2}
            self.image(name.partition(":")[0], "", own=True, subject=subject)
            self.count["signed"] += 1

    def delete(self) -> None:
        """Delete one of the own tags, or what it points at."""
        repository, tag = self.mine()
        digest = self.tags.get(f"{repository}:{tag}")
        if digest and self.random.random() < 0.3:
            self.ask("DELETE", f"{repository}/manifests/{digest}")
            self.tags = {
                name: one for name, one in self.tags.items() if one != digest or not name.startswith(f"{repository}:")
            }
        else:
            self.ask("DELETE", f"{repository}/manifests/{tag}")
            self.tags.pop(f"{repository}:{tag}", None)
        self.count["deleted"] += 1

    def pull(self) -> None:
        """Pull what one of the own tags points at, whole."""
        if self.tags:
            name, digest = self.random.choice(sorted(self.tags.items()))
            repository, _, tag = name.partition(":")
            self.whole(repository, tag, digest)
            self.count["pulled"] += 1

    def whole(self, repository: str, reference: str, digest: str) -> None:
        """Pull a manifest and all that it names; note what is not as it should be."""
        answer = self.ask("GET", f"{repository}/manifests/{reference}")
        if answer.status_code != 200 or str(Digest.of(answer.content)) != digest:
            self.losses.append(f"GET {repository}/{reference}: {answer.status_code}, not {digest}")
            return
        body = answer.json()
        for one in body.get("manifests", []):
            self.whole(repository, one["digest"], one["digest"])
        for one in [body["config"], *body["layers"]] if "config" in body else []:
            got = self.ask("GET", f"{repository}/blobs/{one['digest']}")
            if got.status_code != 200 or str(Digest.of(got.content)) != one["digest"]:
                self.losses.append(f"GET {repository}/blobs/{one['digest']}: {got.status_code}")

    def mine(self) -> tuple[str, str]:
        """Return a repository, and one of the own tags."""
        return self.random.choice(REPOSITORIES), f"{self.name}-{self.random.randrange(4)}"

    def run(self, seconds: float) -> dict[str, Any]:
        """Go on for so long; return what was done."""
        ways = [self.push, self.retag, self.sign, self.delete, self.pull]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.random.choices(ways, [5, 2, 2, 4, 3])[0]()
        return {"count": self.count, "tags": self.tags, "losses": self.losses}


def _descriptor(content: bytes) -> dict[str, Any]:
    return {"mediaType": OCI_EMPTY, "digest": str(Digest.of(content)), "size": len(content)}


if __name__ == "__main__":
    print(json.dumps(Client(sys.argv[1], sys.argv[2], float(sys.argv[4])).run(float(sys.argv[3]))))
