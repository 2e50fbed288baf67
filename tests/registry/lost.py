"""A registry whose data folder can be lost while its store stays, and what clients still get from it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ocireg import recovery
from ocireg.app import close
from ocireg.auth.manage import Manager
from ocireg.installation import manager_over
from ocireg.metadata.audit import SYSTEM
from ocireg.oci.digest import Digest
from ocireg.registry.backups import ASKED, Rebuilt, Snapshot, serving
from ocireg.storage import SNAPSHOTS, Storage, new_key
from tests.registry.built import Built
from tests.registry.usecases import Hooked
from tests.settings import settings_for


def silent(_what: str, _size: int) -> None:
    """Tell nobody."""


class Lost:
    """See the module's text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.built: Built
        self.start()

    def start(self, **changes: object) -> None:
        """Start it."""
        changes = {"storage": f"file:{self.folder / 'store'}", **changes}
        self.settings = settings_for(self.folder, **changes)
        self.path = self.settings.database_path
        self.built = Built(self.folder, **changes)

    def stop(self) -> None:
        """Stop it."""
        close(self.built.client.application)
        self.built.close()

    def lose(self) -> None:
        """Lose the data folder."""
        self.stop()
        shutil.rmtree(self.settings.data)

    def back_up(self) -> Snapshot:
        """Take a snapshot."""
        taken = self.built.registry.backups.run(ASKED, 30).snapshot
        assert taken is not None
        return taken

    def restore(self) -> None:
        """Restore the newest one, and start."""
        recovery.restore(self.settings, "", None, replace=False)
        self.start()

    def rebuild(self, **how: bool) -> Rebuilt:
        """Take in what the store has."""
        how = {"dry_run": False, "adopt": False, **how}
        return recovery.rebuild(self.settings, silent, dry_run=how["dry_run"], adopt=how["adopt"])

    def manager(self) -> Manager:
        """Return what changes access."""
        return manager_over(self.built.database, self.settings)

    def organization(self, manager: Manager, organization: str, registry: str) -> None:
        """Make an organization and a registry of it."""
        manager.organizations.create(SYSTEM, organization)
        manager.registries.create(SYSTEM, f"{organization}/{registry}")

    def later(self, seconds: float) -> None:
        """Let time pass."""
        now = self.built.database.now
        self.built.database.now = lambda: now() + seconds

    def hooked(self, after: Callable[[str], None]) -> None:
        """Do something after each operation of the store that a push of a manifest does."""
        storage: Storage = self.built.registry.manifests._storage  # noqa: SLF001 - to stand between
        hooked = Hooked(storage._backend)  # noqa: SLF001 - likewise
        hooked.after = after
        self.built.registry.manifests._storage = Storage(hooked)  # noqa: SLF001 - likewise

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Hold the lock of who serves."""
        held = serving.serve(self.path)
        yield
        os.close(held)

    def objects(self) -> set[str]:
        """Return the objects of the store, but snapshots."""
        root = self.folder / "store" / "objects"
        found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
        return {one for one in found if not one.startswith(SNAPSHOTS)}

    def put_object(self, kind: str, content: bytes) -> None:
        """Put an object into the store behind the registry's back."""
        Storage.load(self.settings.storage_url).put(new_key(kind), content)

    def half_a_snapshot(self) -> None:
        """Leave what a crash in the middle of a backup leaves."""
        Storage.load(self.settings.storage_url).begin(SNAPSHOTS)

    def referrers(self, subject: bytes) -> int:
        """Return how many refer to a manifest."""
        answer = self.built.client.get(f"/v2/a/b/referrers/{Digest.of(subject)}").get_json()
        return len(answer["manifests"])

    def pulled(self) -> dict[str, dict[str, str]]:
        """Pull every manifest whole; return what each tag points at, by repository."""
        database, found = self.built.database, {}
        for number, name in database.fetch_all("SELECT id, name FROM repository ORDER BY name"):
            sql = "SELECT t.name, m.digest FROM tag t JOIN manifest m ON m.id = t.manifest_id WHERE t.repository_id = ?"
            for (digest,) in database.fetch_all("SELECT digest FROM manifest WHERE repository_id = ?", number):
                self._pull(name, digest)
            if tags := dict(database.fetch_all(sql, number)):
                found[name] = tags
        return found

    def _pull(self, repository: str, digest: str) -> None:
        answer = self.built.client.get(f"/v2/{repository}/manifests/{digest}")
        assert answer.status_code == 200, (repository, digest)
        assert str(Digest.of(answer.get_data())) == digest
        body = answer.get_json(force=True)
        for part in [body.get("config"), *body.get("layers", [])]:
            if part:
                blob = self.built.client.get(f"/v2/{repository}/blobs/{part['digest']}")
                assert str(Digest.of(blob.get_data())) == part["digest"]
