"""Issuers that an operator allows."""

import pytest

from ocireg.config.issuers import KNOWN, Issuers, web_address

ORGANIZATION = "a5d9bde7-7922-4277-90ff-dbec5d9c200e"
OTHER = "00000000-7922-4277-90ff-dbec5d9c200e"
CIRCLECI = f"https://oidc.circleci.com/org/{ORGANIZATION}"


@pytest.mark.parametrize(
    ("listed", "iss", "allowed"),
    [
        ("", "https://gitlab.com", False),
        ("", "", False),
        ("gitlab", "https://gitlab.com", True),
        ("gitlab", "https://gitlab.com/", False),
        ("gitlab", "http://gitlab.com", False),
        ("gitlab", "https://gitlab.com.example.com", False),
        ("gitlab", "gitlab", False),
        ("gitlab", "https://agent.buildkite.com", False),
        ("github", "https://token.actions.githubusercontent.com", True),
        ("github", "https://token.actions.githubusercontent.com/acme", False),
        ("buildkite, github", "https://agent.buildkite.com", True),
        (f"circleci:{ORGANIZATION}", CIRCLECI, True),
        (f"circleci:{OTHER}", CIRCLECI, False),
        ("circleci", CIRCLECI, True),
        ("circleci", CIRCLECI + "/", False),
        ("circleci", CIRCLECI + "/x", False),
        ("circleci", CIRCLECI + "\n", False),
        ("circleci", CIRCLECI.upper(), False),
        ("circleci", "https://oidc.circleci.com/org/", False),
        ("circleci", "https://oidc.circleci.com/org/../x", False),
        ("circleci", "https://oidc.circleci.com", False),
        ("https://gitlab.example.com", "https://gitlab.example.com", True),
        ("https://gitlab.example.com:8443/x,", "https://gitlab.example.com:8443/x", True),
        ("https://gitlab.example.com/", "https://gitlab.example.com", False),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000", True),
        ("http://[::1]:9000", "http://[::1]:9000", True),
        ("http://localhost:9000", "http://localhost:9000", True),
    ],
)
def test_an_issuer_is_allowed_or_not(listed: str, iss: str, *, allowed: bool) -> None:
    assert (iss in Issuers.parse(listed)) is allowed


@pytest.mark.parametrize("what", [None, 1, ["https://gitlab.com"], b"https://gitlab.com"])
def test_what_is_no_text_is_no_issuer(what: object) -> None:
    assert what not in Issuers.parse("gitlab, circleci")


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        ("gitlab.example.com", "wanted buildkite, github"),
        ("Github", "wanted buildkite, github"),
        ("circleci:acme", "circleci:ORGANIZATION-ID"),
        ("circleci:", "circleci:ORGANIZATION-ID"),
        (f"circleci:{ORGANIZATION.upper()}", "small letters"),
        ("http://gitlab.example.com", "http is for loopback hosts alone"),
        ("http://10.0.0.1", "http is for loopback hosts alone"),
        ("http://localhost.example.com", "http is for loopback hosts alone"),
        ("http://127.0.0.1.example.com", "http is for loopback hosts alone"),
        ("ftp://gitlab.example.com", "wanted a URL"),
        ("https://", "wanted a URL"),
        ("https://gitlab.example.com:0", "wanted a URL"),
        ("https://gitlab.example.com:99999", "(?i)port"),
        ("https://user:secret@gitlab.example.com", "no user"),
        ("https://gitlab.example.com#x", "no fragment"),
        ("https://gitlab.example.com#", "no fragment"),
        ("https://gitlab.example.com?x=y", "no query"),
        ("https://gitlab.example.com\\@x", "no user"),
        ("https://gitlab.example.com/é", "printable ASCII"),
        ("https://gitlab.example.com/a b", "printable ASCII"),
    ],
)
def test_what_is_no_issuer_is_refused_in_words(listed: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        Issuers.parse(listed)
    assert "secret" not in str(caught.value)


def test_issuers_are_shown_as_they_are_written() -> None:
    assert str(Issuers.parse(" github ,circleci, https://gitlab.example.com")) == (
        "github,circleci,https://gitlab.example.com"
    )


@pytest.mark.parametrize("iss", KNOWN.values())
def test_a_known_issuer_has_a_web_address(iss: str) -> None:
    assert web_address(iss).scheme == "https"
