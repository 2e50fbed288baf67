"""gunicorn's settings, from ours."""

import os
from pathlib import Path
from typing import Any

from ocireg.app import start_sweeper
from ocireg.config import Settings
from ocireg.serving import logs

KEEP_ALIVE = 75
"""Seconds: longer than load balancers keep an idle connection (60), so that it is never we who close one they use."""

MASTER_WAITS = 2
"""Seconds after the grace period in which a worker ends by itself, before gunicorn's master kills it."""

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes a file of its own in it


def options(settings: Settings) -> dict[str, Any]:
    """Return gunicorn's settings by name."""
    return {
        "bind": [settings.bind],
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": "ocireg.serving.worker.Worker",
        "worker_connections": max(1000, settings.threads * 4),
        "keepalive": KEEP_ALIVE,
        "graceful_timeout": max(round(settings.grace_period), 1) + MASTER_WAITS,
        "limit_request_line": 8190,
        "forwarded_allow_ips": "",  # no header of a proxy is believed
        "control_socket_disable": True,
        "worker_tmp_dir": str(_SHARED_MEMORY) if os.access(_SHARED_MEMORY, os.W_OK) else None,
        "certfile": str(settings.tls_cert) if settings.tls_cert else None,
        "keyfile": str(settings.tls_key) if settings.tls_key else None,
        "loglevel": settings.log_level,
        "logger_class": "ocireg.serving.logs.Logger",
        "accesslog": "-" if settings.access_log else None,
        "access_log_format": logs.ACCESS_FORMAT,
        "proc_name": "ocireg",
        "post_worker_init": lambda worker: start_sweeper(worker.wsgi),
        "timeout": max(30, round(settings.client_timeout)),  # of a worker's main thread, which no request holds
    }
