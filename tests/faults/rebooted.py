"""``ocireg`` on a machine that was started again: its boot id is another one. It is the real program otherwise."""

import sys

from backends import local_upload
from ocireg.cli import main

setattr(local_upload, "boot_id", lambda: "another-boot")  # noqa: B010 - a name that the module imports

if __name__ == "__main__":
    sys.exit(main())
