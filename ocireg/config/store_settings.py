"""The part of the table of settings that is about where the bytes are: the data folder, the store and its options."""

from dataclasses import dataclass
from pathlib import Path

from ocireg.config import values
from ocireg.config.rows import row as _row
from ocireg.config.stores import with_options


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where the bytes are. Sizes are bytes."""

    data: Path = _row(values.path, "data", "folder", "Where the database and, unless told otherwise, the blobs live.")
    storage: str = _row(
        values.storage,
        "",
        "URL",
        "The store of blobs: file:/folder, s3://bucket/prefix or gs://bucket/prefix, with options in its query; or "
        "memory: for trials, with one worker. Empty means the folder storage in the data folder.",
    )
    storage_buffer: int = _row(
        values.size, "128MiB", "bytes", "Memory of each worker for uploads on their way to a bucket."
    )
    read_only: bool = _row(values.boolean, "false", "", "Refuses pushes and deletes, and cleans nothing up.")
    s3_endpoint: str = _row(str, "", "URL", "The address of an S3 store that is not Amazon's.")
    s3_region: str = _row(str, "", "", "The region of the bucket.")
    s3_addressing: str = _row(
        str, "", "", "path, virtual or auto: where the bucket's name stands in addresses. Empty: path with an endpoint."
    )
    s3_storage_class: str = _row(str, "", "", "The storage class of new objects, as STANDARD_IA.")
    s3_encryption: str = _row(str, "", "", "How the store encrypts new objects: AES256 or aws:kms.")
    s3_kms_key: str = _row(str, "", "", "The key of aws:kms, where it is not the bucket's own.")
    s3_checksums: str = _row(
        str,
        "",
        "",
        "when_supported or when_required: the latter for stores that refuse checksums. Empty: so with an endpoint.",
    )
    s3_part_size: str = _row(str, "", "", "uniform:16MiB for stores that want equal parts, as R2. Empty: parts grow.")
    s3_spool: int = _row(
        values.positive_size,
        "8GiB",
        "bytes",
        "Temporary files of each worker, in TMPDIR, for parts too large for memory: those of blobs beyond 32 GB, or of "
        "s3_part_size above 32MiB.",
    )
    gcs_credentials: str = _row(
        str,
        "",
        "JSON",
        "The key of a service account, where Google's default credentials are not to be used.",
        secret=True,
    )
    gcs_endpoint: str = _row(str, "", "URL", "The address of a Cloud Storage that is not Google's: an emulator.")

    @property
    def storage_url(self) -> str:
        """The store, with all that the settings say of it. It may hold a secret. A folder is absolute here."""
        if not self.storage:
            return f"file:{self.data.absolute() / 'storage'}"
        if self.storage.startswith("file:"):
            return f"file:{values.path_of(self.storage).absolute()}"
        return with_options(self.storage, self)
