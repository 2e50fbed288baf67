"""What an operator should know about a bucket of Cloud Storage: what it keeps though it was deleted.

A key that may not ask for the bucket's own settings (``storage.buckets.get``) gives no advice.
"""

from backends.deadline import timeouts
from backends.errors import BackendError
from backends.gcs_client import Bucket

DAY = 24 * 3600


def advice_for(bucket: Bucket) -> list[str]:
    """Return what is to be mended, a line for each."""
    handle = bucket.handle
    try:
        with bucket.translated():
            handle.reload(timeout=timeouts(), retry=None)
    except BackendError:
        return []
    found = []
    if kept := handle.soft_delete_policy.retention_duration_seconds or 0:
        found.append(
            f"the bucket's soft delete keeps what was deleted for {kept / DAY:g} days, and it is paid for: gcloud "
            f"storage buckets update gs://{bucket.name} --clear-soft-delete"
        )
    if handle.versioning_enabled:
        found.append(
            f"the bucket's versioning keeps what was deleted, and it is paid for: gcloud storage buckets update "
            f"gs://{bucket.name} --no-versioning, or a lifecycle rule for noncurrent versions"
        )
    return found
