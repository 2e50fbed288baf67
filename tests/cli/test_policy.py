"""``ocireg policy``: policies of registries, and what they would decide."""

import json
from pathlib import Path
from typing import Any

import pytest

from ocireg.cli import main
from tests.cli.commanded import Commands, events
from tests.cli.terminal import answered

POLICY = """\
# who pushes
- iss: https://gitlab.com
  claims: {ref: main}
  scopes: [read_packages]
- iss: https://gitlab.com
  claims: {ref: {matches: 'feature/*'}}
- iss: https://agent.buildkite.com
  claims: {ref: main}
"""
FAULTY = "- iss: https://nowhere.example\n  claims: {ref: {regex: x}}\n"
MATCHERS = "equals, not_equals, in, not_in or matches"


@pytest.fixture(autouse=True)
def files(nowhere: None) -> None:  # noqa: ARG001 - there
    Path("policy.yml").write_text(POLICY)
    Path("faulty.yml").write_text(FAULTY)


def test_a_policy_is_set_shown_as_it_was_written_and_removed(run: Commands) -> None:
    assert run("policy", "show", "root") == ""
    assert run.json("policy", "show", "root") == {"registry": "root", "policy": None}
    assert "3 statements for https://agent.buildkite.com, https://gitlab.com" in run(
        "policy", "set", "root", "policy.yml"
    )
    assert run("policy", "show", "root") == POLICY
    assert run.json("policy", "show", "root")["policy"] == POLICY
    run("policy", "remove", "root")
    assert run("policy", "show", "root") == ""
    assert [one.detail for one in events("policy.change")] == [{"removed": False}, {"removed": True}]


def test_a_former_policy_is_spoken_of_where_there_was_one(run: Commands) -> None:
    assert run.refused("policy", "remove", "root") == "root has no policy"
    assert "former" not in run("policy", "set", "root", "policy.yml")
    assert "whoever came by the former one has to again" in run("policy", "set", "root", "policy.yml")
    run("policy", "remove", "root")
    assert run.refused("policy", "remove", "root") == "root has no policy"
    assert len(events("policy.change")) == 3


@pytest.mark.parametrize(("url", "warned"), [([], True), (["--url", "https://r.example"], False)], ids=["none", "url"])
@pytest.mark.usefixtures("run")
def test_where_no_jwt_can_be_accepted_that_is_said(
    url: list[str], warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["policy", "set", "root", "policy.yml", *url]) == 0
    assert ("no JWT is accepted until it is (OCIREG_URL)" in capsys.readouterr().err) == warned


def test_on_a_terminal_it_does_not_steer_it(run: Commands) -> None:
    Path("policy.yml").write_text(f"# a\u202eb\n{POLICY}")
    run("policy", "set", "root", "policy.yml")
    assert run("policy", "show", "root").startswith("# a\u202eb\n")
    shown, status = answered(["policy", "show", "root"])
    assert (shown.replace("\r\n", "\n"), status) == (f"# ab\n{POLICY}", 0)


@pytest.mark.parametrize("command", [["check"], ["set", "root"]], ids=" ".join)
def test_faults_are_told_with_their_places(
    command: list[str], run: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", *command, "faulty.yml"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "ocireg: faulty.yml:1:8: statement 1: 'https://nowhere.example' is not an issuer that is allowed here",
        f"ocireg: faulty.yml:2:18: statement 1: unknown matcher 'regex': wanted {MATCHERS}",
    ]
    assert run("policy", "show", "root") == ""


def test_a_policy_is_checked_and_tried_where_there_is_no_registry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", "policy.yml"]) == 0
    assert capsys.readouterr().out.startswith("policy.yml is a policy: 3 statements")
    assert not Path("data").exists()


def tried(claims: object, *arguments: str) -> int:
    Path("claims.json").write_text(json.dumps(claims))
    return main(["policy", "test", "policy.yml", "claims.json", *arguments])


GITLAB, BUILDKITE = "https://gitlab.com", "https://agent.buildkite.com"


@pytest.mark.parametrize(
    ("claims", "status", "wins", "scopes"),
    [
        ({"iss": GITLAB, "ref": "main"}, 0, 1, ["read_packages"]),
        ({"iss": GITLAB, "ref": "feature/x"}, 0, 2, ["read_packages", "write_packages"]),
        ({"iss": BUILDKITE, "ref": "main"}, 0, 3, ["read_packages", "write_packages"]),
        ({"iss": BUILDKITE, "ref": "next"}, 1, None, []),
        ({"iss": GITLAB}, 1, None, []),
    ],
    ids=str,
)
def test_what_a_policy_decides_is_said_with_every_reason(
    claims: dict[str, Any], status: int, wins: int | None, scopes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tried(claims, "--json") == status
    found = json.loads(capsys.readouterr().out)
    assert (found["granted"], found["statement"], found["scopes"]) == (status == 0, wins, scopes)
    assert [one["statement"] for one in found["outcomes"]] == list(range(1, (wins or 3) + 1))


def test_the_policy_that_is_set_is_tried_by_the_name_of_its_registry(run: Commands) -> None:
    Path("claims.json").write_text(json.dumps({"iss": GITLAB, "ref": "feature/x"}))
    run("org", "create", "acme")
    run("registry", "create", "acme/apps")
    for registry in ("root", "acme/apps"):
        run("policy", "set", registry, "policy.yml")
        assert run.json("policy", "test", registry, "claims.json")["statement"] == 2


def test_people_see_a_table_of_every_statement(capsys: pytest.CaptureFixture[str]) -> None:
    assert tried({"iss": GITLAB, "ref": "feature/x"}) == 0
    assert capsys.readouterr().out.splitlines() == [
        "granted by statement 2: read_packages, write_packages",
        "statement  outcome        reason",
        "1          does not fit   the claim 'ref' is 'feature/x': wanted equals 'main'",
        "2          wins           the issuer and all claims are as wanted",
        "3          not looked at",
    ]
    assert tried({"iss": GITLAB, "ref": "\x1b[2J\u202e"}) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("refused: no statement fits\n")
    assert all(line.isprintable() for line in shown.splitlines())


@pytest.mark.parametrize(
    ("policy", "claims", "said"),
    [
        ("none.yml", "claims.json", "cannot read none.yml: No such file or directory"),
        (".", "claims.json", "cannot read .: Is a directory"),
        ("policy.yml", "none.json", "cannot read none.json"),
        ("policy.yml", "policy.yml", "policy.yml is not JSON"),
        ("policy.yml", "deep.json", "deep.json is not JSON"),
        ("policy.yml", "list.json", "list.json is no object of JSON"),
        ("policy.yml", "anonymous.json", "anonymous.json: the claims have no iss"),
        ("policy.yml", "numbered.json", "numbered.json: iss is no text"),
        ("root", "claims.json", "root has no policy"),
        ("acme/none", "claims.json", "there is no registry 'acme/none'"),
        ("policy.yml", "binary", "binary is no text in UTF-8"),
        ("huge", "claims.json", "huge has more than 256 KiB"),
        ("-", "-", "one of them alone can come from standard input"),
    ],
)
def test_files_that_cannot_be_used_are_named(policy: str, claims: str, said: str, run: Commands) -> None:
    Path("deep.json").write_text("[" * 100_000)
    Path("list.json").write_text("[]")
    Path("anonymous.json").write_text("{}")
    Path("numbered.json").write_text('{"iss": 1}')
    Path("binary").write_bytes(b"\xff")
    Path("huge").write_text("#" * 300_000)
    assert run.refused("policy", "test", policy, claims).startswith(said)
