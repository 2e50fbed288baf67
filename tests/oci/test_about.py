"""What annotations and labels say of an image (OCI image v1.1, annotations.md)."""

import pytest

from ocireg.oci.about import About, Link, is_web_url

NEW, OLD = "org.opencontainers.image.", "org.label-schema."


@pytest.mark.parametrize(
    ("said", "licences"),
    [
        ([{f"{NEW}licenses": "MIT"}, {f"{NEW}licenses": "BSD"}], "MIT"),
        ([{}, {f"{NEW}licenses": "BSD"}], "BSD"),
        ([{f"{NEW}licenses": ""}, {f"{NEW}licenses": "BSD"}], "BSD"),
        ([{f"{NEW}licenses": " \u202e\0"}, {f"{NEW}licenses": "BSD"}], "BSD"),
        ([{f"{OLD}license": "old"}, {f"{NEW}licenses": "BSD"}], "BSD"),
        ([{}, {f"{OLD}license": "old"}], "old"),
        ([], ""),
    ],
)
def test_what_comes_first_counts_and_the_older_names_last(said: list[dict[str, str]], licences: str) -> None:
    assert About.of(said).licences == licences


def test_every_field_is_read_from_its_name() -> None:
    names = ("title", "description", "version", "revision", "licenses", "vendor", "authors", "base.name", "base.digest")
    links = ("url", "source", "documentation")
    said = {f"{NEW}{one}": one for one in names} | {f"{NEW}{one}": f"https://{one}.example.com" for one in links}
    assert About.of([{**said, f"{NEW}created": "1970-01-01T00:01:00Z"}]) == About(
        "title",
        "description",
        "version",
        "revision",
        Link("https://url.example.com", "https://url.example.com"),
        Link("https://source.example.com", "https://source.example.com"),
        Link("https://documentation.example.com", "https://documentation.example.com"),
        "licenses",
        "vendor",
        "authors",
        60.0,
        "base.name",
        "base.digest",
    )


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://example.com", True),
        ("http://example.com:8080/a?b=c#d", True),
        ("HTTPS://EXAMPLE.COM", True),
        ("https://[::1]/", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt://example.com/%0aalert(1)", False),
        ("data:text/html,x", False),
        ("//example.com", False),
        ("example.com", False),
        ("https:example.com", False),
        ("https://", False),
        ("https://user:secret@example.com", False),
        ("https://good.example\\@evil.example", False),
        ("https://example.com/ x", False),
        ("https://example.com/\u202e", False),
        ("https://ex\u0430mple.com", False),
        ("https://[x/", False),
        (" https://example.com", False),
        ("git@github.com:a/b.git", False),
    ],
)
def test_a_link_leads_to_the_web_or_is_a_text(text: str, is_one: bool) -> None:
    assert is_web_url(text) is is_one
    assert Link.of(text) == Link(text, text if is_one else None)
