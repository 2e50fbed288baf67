"""A server that says bytes, whatever it is asked."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def raw_server(said: bytes, *, drip: float = 0.0) -> Iterator[str]:
    """Answer one connection with bytes, all at once or one each ``drip`` seconds; yield the URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    for one in [said[i : i + 1] for i in range(len(said))] if drip else [said]:
                        connection.sendall(one)
                        time.sleep(drip)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join(30)
