"""Helm charts in registries: their config is the chart's ``Chart.yaml`` as JSON (helm.sh, "Use OCI-based registries").

Any field may be of any type: what is odd is left out. Only bytes that are no object of JSON are refused.
"""

from dataclasses import dataclass

from ocireg.oci import document
from ocireg.oci.about import Link
from ocireg.oci.lenient import list_of, map_of, text_of, texts_of

CONFIG = "application/vnd.cncf.helm.config.v1+json"


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart says of itself; "" or None where it says nothing. All is fit to be shown."""

    name: str
    version: str = ""
    description: str = ""
    app_version: str = ""
    type: str = ""
    home: Link | None = None
    sources: tuple[Link, ...] = ()
    keywords: tuple[str, ...] = ()
    maintainers: tuple[str, ...] = ()
    deprecated: bool = False


def parse(raw: bytes) -> Chart:
    """Return what the bytes say. ``InvalidManifest`` where they are no object of JSON."""
    said = document.decode(raw)
    people = (text_of(map_of(one).get("name")) for one in list_of(said.get("maintainers"))[:100])
    links = (Link.of(one) for one in texts_of(said.get("sources"))[:100])
    return Chart(
        name=text_of(said.get("name")),
        version=text_of(said.get("version")),
        description=text_of(said.get("description")),
        app_version=text_of(said.get("appVersion")),
        type=text_of(said.get("type")),
        home=Link.of(text_of(said.get("home"))),
        sources=tuple(filter(None, links)),
        keywords=texts_of(said.get("keywords"))[:100],
        maintainers=tuple(filter(None, people)),
        deprecated=said.get("deprecated") is True,
    )
