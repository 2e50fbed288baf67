"""The store: whether it opens, its operations one by one, and what is set up about it."""

from collections.abc import Generator, Iterator

from ocireg.config import Settings
from ocireg.config.sources import masked
from ocireg.config.values import path_of
from ocireg.doctor.finding import Finding, Verdict, failed, not_tried, passed, warned
from ocireg.doctor.probe import Probe
from ocireg.doctor.steps import LIST, PUT, STEPS, Step, Unexpected
from ocireg.errors import BLOB_UNKNOWN, STORAGE_FULL, OperatorError, RegistryError
from ocireg.storage import Storage

OPENS, BUCKET = "store", "store bucket"
_FOLDER = "let the user that serves write there, and see that its disk can be written"
_MEND = "mend OCIREG_STORAGE, the credentials or the policy (docs/storage.rst)"


def checks(settings: Settings) -> Generator[Finding, None, tuple[Storage | None, bool]]:
    """Try the store, and leave nothing there; return it if it answers, and whether its lists can be trusted."""
    storage = yield from _opened(settings)
    if storage is None or settings.read_only:
        because = "read_only is set" if storage else f"{OPENS} failed"
        yield from (not_tried(step.check, because) for step in STEPS)
        return storage, True
    bad: set[str] = set()
    lists = True
    with Probe(storage) as probe:
        for step in STEPS:
            found = _tried(step, probe, bad, settings.redirect)
            if found.verdict in {Verdict.FAIL, Verdict.SKIP}:
                bad.add(step.check)
            lists = lists and (step.check, found.verdict) != (LIST, Verdict.FAIL)
            yield found
    if PUT not in bad:
        yield from _advice(settings.storage_url)
    return storage, lists


def _opened(settings: Settings) -> Generator[Finding, None, Storage | None]:
    url = settings.storage_url
    text = f"{masked(url.partition('?')[0])} answers"  # an option may be a secret
    if url.startswith("file:") and not (path_of(url) / "objects").is_dir():  # the driver would make it: not here
        yield failed(
            OPENS,
            text,
            f"there is no store in {path_of(url)}",
            "is its disk mounted? Else name the folder with --storage; ocireg init makes an empty one",
        )
        return None
    try:
        storage = Storage.load(url, read_only=settings.read_only)
        storage.owner()  # before anything is written: a store may make a bucket that is not there
    except OperatorError as error:
        yield failed(OPENS, text, str(error).removeprefix("storage: "), _FOLDER if url.startswith("file:") else _MEND)
        return None
    except RegistryError as error:
        yield failed(OPENS, text, told(error), what_to_do(error))
        return None
    yield passed(OPENS, text)
    return storage


def _tried(step: Step, probe: Probe, bad: set[str], redirect: str) -> Finding:
    """Try one; ``redirect`` says whether downloads can pass through the registry where the store gives no link."""
    for needed in step.needs & bad:
        return not_tried(step.check, f"{needed} failed")
    try:
        return passed(step.check, step.run(probe) or step.text)
    except Unexpected as error:
        found = warned if error.bearable and redirect != "always" else failed
        return found(step.check, step.text, str(error), error.advice)
    except RegistryError as error:
        return failed(step.check, step.text, told(error), what_to_do(error))


def told(error: RegistryError) -> str:
    """Return the store's own message."""
    return str(error.__cause__ or error)


def what_to_do(error: RegistryError) -> str:
    """Return what helps against an error of a store."""
    if error.error is STORAGE_FULL:
        return "make room in the store"
    if error.error is BLOB_UNKNOWN:
        return "find out what else removes objects from this store"
    if getattr(error.__cause__, "retryable", False):
        return "see that the store runs and that this machine reaches it; of a folder, that its disk is well"
    return _MEND


def _advice(url: str) -> Iterator[Finding]:
    try:
        found = Storage.advice(url)
    except RegistryError as error:
        yield warned(BUCKET, "how it is set up", told(error), what_to_do(error))
        return
    for line in found:
        message, _, advice = line.rpartition(": ")
        yield warned(BUCKET, "how it is set up", message, advice)
    if not found and not url.startswith(("file:", "memory:")):
        yield passed(BUCKET, "nothing to mend in how it is set up")
