"""The table of settings. A field's metadata is its row: how it is read, its default, and what it means."""

from dataclasses import dataclass, fields
from pathlib import Path

from ocireg.config import values
from ocireg.config.issuers import Issuers
from ocireg.config.networks import Networks
from ocireg.config.rows import Row
from ocireg.config.rows import row as _row
from ocireg.config.store_settings import StoreSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(StoreSettings):
    """What is in force. Sizes are bytes, durations seconds."""

    database: str = _row(
        values.database,
        "",
        "URL",
        "The database: sqlite:/path (sqlite:///path is the same; sqlite:path is relative). Falls back to DATABASE_URL. "
        "Empty means ocireg.db in the data folder.",
    )
    bind: str = _row(
        values.address,
        "127.0.0.1:8000",
        "host:port",
        "Where to listen. The variable PORT alone, as platforms set it, means 0.0.0.0:$PORT.",
    )
    url: str = _row(
        values.external_url, "", "URL", "The address that clients use, where it is not the one listened on."
    )
    trusted_proxies: Networks = _row(
        Networks.parse,
        "",
        "networks",
        "Proxies in front, as 127.0.0.1, 10.0.0.0/8, whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are "
        "believed. None is otherwise.",
    )
    workers: int = _row(values.positive, "2", "processes", "Worker processes.")
    threads: int = _row(values.positive, "32", "threads", "Threads of each worker: so many requests at once.")
    upload_threads: int = _row(
        values.count,
        "0",
        "threads",
        "Threads of a worker that uploads may hold; further ones get 429. 0 means three quarters of them.",
    )
    client_timeout: float = _row(
        values.positive_seconds, "60s", "seconds", "A client that sends or takes nothing for so long is let go."
    )
    min_rate: int = _row(
        values.size,
        "1KiB",
        "bytes per second",
        "A client whose request body comes more slowly than this, averaged over client_timeout, is let go. 0: none is.",
    )
    grace_period: float = _row(
        values.positive_seconds, "30s", "seconds", "How long requests under way may take to end when the service stops."
    )
    tls_cert: Path | None = _row(
        values.optional_path, "", "file", "Certificate chain (PEM): serves HTTPS, with tls_key."
    )
    tls_key: Path | None = _row(values.optional_path, "", "file", "Private key (PEM) of tls_cert.")
    open: bool = _row(
        values.boolean,
        "false",
        "",
        "Lets anybody push, pull and delete, without login: for trials. Off loopback it wants open_to_everyone too.",
    )
    open_to_everyone: bool = _row(
        values.boolean,
        "false",
        "",
        "Allows open on addresses off loopback, where anybody may then push, pull and delete from other machines.",
    )
    admin_token: str = _row(
        values.admin_token,
        "",
        "",
        "An API token of the user admin, chosen by the operator, for platforms where nobody reads what is printed.",
        secret=True,
    )
    secret_key: str = _row(
        str,
        "",
        "",
        "The keys that tokens are signed with, the oldest first, separated by commas; the last one signs. Of several "
        "nodes all have the same. Empty means the file secret.key in the data folder, which is made.",
        secret=True,
    )
    root_registry: bool = _row(
        values.boolean, "true", "", "Whether repositories that belong to no organization can be had."
    )
    create_on_push: bool = _row(
        values.boolean,
        "false",
        "",
        "Lets a push make the registry that it names, where the token has write_registries and its user may.",
    )
    token_life: float = _row(values.token_life, "5m", "seconds", "How long an access token lives: 60s to 1h.")
    refresh_life: float = _row(values.positive_seconds, "30d", "seconds", "How long a refresh token lives.")
    oidc_session: float = _row(
        values.positive_seconds,
        "1h",
        "seconds",
        "How long whoever logged in by OIDC may go on without another JWT.",
    )
    session_life: float = _row(
        values.positive_seconds, "14d", "seconds", "How long a browser that somebody has signed in with stays so."
    )
    uploads_per_actor: int = _row(
        values.positive, "1000", "uploads", "Open upload sessions that one user or token may have; more get 429."
    )
    login_failures: int = _row(
        values.positive,
        "20",
        "failures",
        "Failed logins of an address, or of an account, in login_window, after which further ones get 429. Each worker "
        "counts for itself.",
    )
    login_window: float = _row(
        values.positive_seconds, "60s", "seconds", "The time over which failed logins and requests for tokens count."
    )
    token_requests: int = _row(
        values.positive,
        "600",
        "requests",
        "Requests for tokens of an address in login_window, after which further ones get 429; likewise.",
    )
    audit_pulls: bool = _row(values.boolean, "false", "", "Writes pulls to the audit log too, not changes alone.")
    audit_retention: float = _row(
        values.seconds, "90d", "seconds", "How long events stay in the audit log. 0 keeps them for ever."
    )
    downloads_interval: float = _row(
        values.positive_seconds,
        "30s",
        "seconds",
        "How often each worker writes down how often manifests were pulled. A worker that is killed loses those since.",
    )
    contents: bool = _row(
        values.boolean, "true", "", "Shows the files of images: their layers are read once, when somebody looks."
    )
    contents_workers: int = _row(
        values.positive, "1", "threads", "Layers that a worker reads at once, in the background."
    )
    contents_entries: int = _row(
        values.positive,
        "5000000",
        "entries",
        "Files of layers that are known at once, about 100 bytes each in the database. Those of layers that nobody has "
        "looked at for longest go for others, and a layer that has more is refused.",
    )
    sparse: bool = _row(
        values.boolean, "false", "", "Accepts manifests whose blobs or children are not in the repository."
    )
    manifest_limit: int = _row(values.positive_size, "4MiB", "bytes", "The largest manifest.")
    blob_limit: int = _row(values.positive_size, "1TiB", "bytes", "The largest blob.")
    upload_expiry: float = _row(
        values.positive_seconds,
        "24h",
        "seconds",
        "How long an upload lives without progress.",
    )
    upload_protection: float = _row(
        values.positive_seconds,
        "1h",
        "seconds",
        "How long a blob or a manifest stays, though nothing refers to it, after it was pushed or mounted, or a client "
        "that may push was told that it is there; and as long as a push under way may need it.",
    )
    upload_lease: float = _row(
        values.positive_seconds, "15s", "seconds", "How long a request holds its upload without receiving bytes."
    )
    low_water: int = _row(
        values.size, "512MiB", "bytes", "Free disk below which pushes are refused; pulls and deletes go on."
    )
    redirect: str = _row(
        values.redirect,
        "auto",
        "",
        "Sends pulls of blobs to the store, where it has URLs: auto (where clients can be expected to reach it), "
        "always or never.",
    )
    redirect_expires: int = _row(
        values.redirect_expires, "10m", "seconds", "How long the URL of a redirect is good, from 1s to 1h."
    )
    redirect_url: str = _row(
        values.redirect_url,
        "",
        "URL",
        "Where redirects lead instead of the store: what stands in front of it, such as a CDN.",
    )
    redirect_except: Networks = _row(
        Networks.parse,
        "",
        "networks",
        "Clients that are never redirected, as 10.0.0.0/8, 2001:db8::/32: those that cannot reach the store.",
    )
    oidc_issuers: Issuers = _row(
        Issuers.parse,
        "buildkite, github, gitlab, circleci",
        "issuers",
        "The issuers of OIDC tokens that policies may name: buildkite, github, gitlab, circleci, "
        "circleci:ORGANIZATION-ID, or the exact URL of one, as https://gitlab.example.com. Empty: none.",
    )
    oidc_networks: Networks = _row(
        Networks.parse,
        "",
        "networks",
        "Networks off the internet where keys of issuers may be fetched, as 10.1.2.0/24: for a GitLab of one's own.",
    )
    tags_page: int = _row(values.positive, "10000", "items", "The largest page of tags.")
    catalog_page: int = _row(values.positive, "100", "items", "A page of the catalog, where the client names no size.")
    catalog_page_limit: int = _row(values.positive, "1000", "items", "The largest page of the catalog.")
    referrers_page: int = _row(values.positive, "1000", "items", "The largest page of referrers.")
    tags_per_push: int = _row(values.positive, "32", "tags", "How many tags one push of a manifest may set.")
    range_limit: int = _row(values.positive, "1024", "ranges", "More ranges in one request mean the whole blob.")
    gc_grace: float = _row(
        values.seconds,
        "24h",
        "seconds",
        "How long a manifest stays after its last tag was deleted, and what it alone refers to.",
    )
    gc_interval: float = _row(
        values.positive_seconds, "5m", "seconds", "The pause between garbage collections, of all processes together."
    )
    untagged_retention: float = _row(
        values.seconds,
        "30d",
        "seconds",
        "How long a manifest stays without a tag, after its last push or pull, if its tag moved away or it never had "
        "one. 0 keeps it for ever.",
    )
    retention_interval: float = _row(
        values.seconds,
        "1h",
        "seconds",
        "How often tags are judged by the retention policies of registries. 0: only when somebody asks for it.",
    )
    retention_floor: float = _row(
        values.seconds, "24h", "seconds", "How long retention keeps every tag after its push, whatever a policy says."
    )
    sweep_interval: float = _row(values.positive_seconds, "15m", "seconds", "The pause between clean-ups.")
    orphan_grace: float = _row(
        values.seconds, "1h", "seconds", "How old a left-over must be, and how long deleted bytes stay, before they go."
    )
    busy_timeout: float = _row(values.positive_seconds, "10s", "seconds", "How long to wait for a locked database.")
    log_level: str = _row(values.level, "info", "level", "The least that is logged: debug, info, warning or error.")
    access_log: bool = _row(values.boolean, "true", "", "Logs a line for each request.")

    @property
    def database_path(self) -> Path:
        """The file of the SQLite database."""
        if self.database:
            return values.path_of(self.database)
        return self.data.absolute() / "ocireg.db"

    @property
    def upload_thread_count(self) -> int:
        """Threads of a worker that uploads may hold, never all of several."""
        return self.upload_threads or max(self.threads * 3 // 4, 1)

    @property
    def host(self) -> str:
        """The host that is listened on, without brackets."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.bind.rpartition(":")[2])


TABLE: tuple[Row, ...] = tuple(Row(one.name, **one.metadata) for one in fields(Settings))
"""Every setting, in the order of the documentation."""
