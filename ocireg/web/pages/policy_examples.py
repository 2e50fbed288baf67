"""Examples of OIDC policies, to begin with: a statement for a service, and claims that it means."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A service, its issuer, a statement, and claims as its tokens have them."""

    title: str
    iss: str
    policy: str
    claims: str


EXAMPLES = {
    "buildkite": Example(
        "Buildkite",
        "https://agent.buildkite.com",
        """\
- iss: https://agent.buildkite.com
  scopes: [read_packages, write_packages]
  claims:
    organization_slug: acme
    pipeline_slug: web
    build_branch: {matches: [main, release/*]}
    build_source: {in: [webhook, schedule]}
""",
        """\
{
  "organization_slug": "acme",
  "pipeline_slug": "web",
  "build_branch": "main",
  "build_source": "webhook"
}
""",
    ),
    "github": Example(
        "GitHub Actions",
        "https://token.actions.githubusercontent.com",
        """\
- iss: https://token.actions.githubusercontent.com
  scopes: [read_packages, write_packages]
  claims:
    repository_owner_id: '65'
    repository: acme/web
    ref: {matches: [refs/heads/main, refs/tags/v*]}
    event_name: {in: [push, workflow_dispatch]}
""",
        """\
{
  "repository_owner_id": "65",
  "repository": "acme/web",
  "ref": "refs/heads/main",
  "event_name": "push"
}
""",
    ),
    "gitlab": Example(
        "GitLab",
        "https://gitlab.com",
        """\
- iss: https://gitlab.com
  scopes: [read_packages, write_packages]
  claims:
    namespace_id: '84329880'
    project_path: acme/web
    ref_protected: 'true'
    ref_type: branch
""",
        """\
{
  "namespace_id": "84329880",
  "project_path": "acme/web",
  "ref_protected": "true",
  "ref_type": "branch"
}
""",
    ),
    "circleci": Example(
        "CircleCI",
        "https://oidc.circleci.com/org/a5d9bde7-7922-4277-90ff-dbec5d9c200e",
        """\
- iss: https://oidc.circleci.com/org/a5d9bde7-7922-4277-90ff-dbec5d9c200e
  scopes: [read_packages, write_packages]
  claims:
    oidc.circleci.com/project-id: 7bc34e71-a1cd-4e3e-9144-741acb7b5bf1
    oidc.circleci.com/vcs-origin: github.com/acme/web
    oidc.circleci.com/vcs-ref: refs/heads/main
    oidc.circleci.com/ssh-rerun: false
""",
        """\
{
  "oidc.circleci.com/project-id": "7bc34e71-a1cd-4e3e-9144-741acb7b5bf1",
  "oidc.circleci.com/vcs-origin": "github.com/acme/web",
  "oidc.circleci.com/vcs-ref": "refs/heads/main",
  "oidc.circleci.com/ssh-rerun": false
}
""",
    ),
}
