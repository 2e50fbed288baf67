"""python-dxf: blobs and aliases."""

from pathlib import Path
from typing import Any

import pytest
import requests
from dxf import DXF

from tests.server import Server


def test_a_blob_and_an_alias_are_pushed_pulled_listed_and_deleted(server: Server, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"content" * 100_000)
    with DXF(server.address, "python/dxf", insecure=True) as client:
        digest = client.push_blob(str(tmp_path / "blob"))
        pulled: Any = client.pull_blob(digest)
        assert b"".join(pulled) == b"content" * 100_000
        assert client.blob_size(digest) == 700_000
        client.set_alias("v1", digest)
        assert client.list_aliases() == ["v1"]
        assert client.get_alias("v1") == [digest]
        client.del_alias("v1")
        assert client.list_aliases() == []
        client.del_blob(digest)
        with pytest.raises(requests.HTTPError, match="404"):
            client.get_alias("v1")
