"""How images are pushed: the commands of the tools that people have, and of the services that need no stored secret.

The words in braces are filled in: options for plain HTTP where that is what there is, and names that have
nothing in them that a shell or YAML would read: hosts, slugs and names of users.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

Steps = tuple[tuple[str, str], ...]
"""What a command is for, and the command."""

IMAGE, TAG = "my-image", "1.0"
_PLAIN = {
    "{tls}": " --tls-verify=false",
    "{dest-tls}": " --dest-tls-verify=false",
    "{plain}": " --plain-http",
    "{insecure}": " --insecure",
}
"""What tools want to be told of a host without TLS, this machine too; docker reads a file instead."""


@dataclass(frozen=True, slots=True)
class Values:
    """What commands are about. ``path`` is that of the registry, "" of the root registry; ``user`` is "" of nobody.

    ``audience`` is the ``aud`` of tokens of OIDC, "" where these are not taken; ``https``: the host speaks it.
    """

    host: str
    path: str = ""
    user: str = ""
    audience: str = ""
    https: bool = True

    @property
    def place(self) -> str:
        """Where images are: what their names begin with."""
        return f"{self.host}/{self.path}" if self.path else self.host

    def fill(self, text: str) -> str:
        """Return a command with these values."""
        words = {"{host}": self.host, "{place}": self.place, "{user}": self.user or "USER", "{aud}": self.audience}
        words |= dict.fromkeys(_PLAIN, "") if self.https else _PLAIN
        for word, value in words.items():
            text = text.replace(word, value)
        return text.replace("{name}", f"{self.place}/{IMAGE}:{TAG}")


@dataclass(frozen=True, slots=True)
class Choice:
    """Commands of one of several tools: which there are, which of them is shown, and what it takes."""

    names: tuple[str, ...]
    name: str
    steps: Steps


TOOLS: Mapping[str, Steps] = {
    "Docker": (
        ("Sign in, with an API token as the password", "docker login {host} -u {user}"),
        ("Name the image", f"docker tag {IMAGE} {{name}}"),
        ("Push it", "docker push {name}"),
        (
            "Or build and push it at once, for several platforms",
            "docker buildx build --platform linux/amd64,linux/arm64 --push -t {name} .",
        ),
    ),
    "Podman": (
        ("Sign in, with an API token as the password", "podman login{tls} {place} -u {user}"),
        ("Push an image under this name", f"podman push{{tls}} {IMAGE} {{name}}"),
    ),
    "Buildah": (
        ("Sign in, with an API token as the password", "buildah login{tls} -u {user} {host}"),
        ("Push an image under this name", f"buildah push{{tls}} {IMAGE} docker://{{name}}"),
    ),
    "Skopeo": (
        ("Sign in, with an API token as the password", "skopeo login{tls} {host} -u {user}"),
        (
            "Copy an image from another registry",
            f"skopeo copy{{dest-tls}} --all docker://docker.io/library/{IMAGE} docker://{{name}}",
        ),
        ("Or from a folder in the form of OCI", f"skopeo copy{{dest-tls}} --all oci:FOLDER:{TAG} docker://{{name}}"),
    ),
    "Crane": (
        ("Sign in, with an API token", 'echo "$TOKEN" | crane auth login {host} -u {user} --password-stdin'),
        ("Push an archive of an image", f"crane push{{insecure}} {IMAGE}.tar {{name}}"),
        ("Or copy an image from another registry", f"crane copy{{insecure}} docker.io/library/{IMAGE} {{name}}"),
    ),
    "Helm": (
        ("Sign in, with an API token as the password", "helm registry login{plain} {host} -u {user}"),
        ("Pack a chart", "helm package my-chart/"),
        ("Push it: its own name and version are added", "helm push my-chart-1.0.0.tgz oci://{place}{plain}"),
    ),
    "ORAS": (
        ("Sign in, with an API token as the password", "oras login{plain} {host} -u {user}"),
        (
            "Push files of whatever kind",
            "oras push{plain} {name} --artifact-type application/vnd.example.report report.json",
        ),
    ),
}

SERVICES: Mapping[str, Steps] = {
    "GitHub Actions": (
        (
            "A job of a workflow",
            """\
permissions:
  contents: read
  id-token: write
steps:
  - uses: actions/checkout@v4
  - run: |
      curl -sSf -H "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \\
        "$ACTIONS_ID_TOKEN_REQUEST_URL&audience={aud}" |
        jq -r .value | docker login {host} --username oidc --password-stdin
      docker build -t {name} .
      docker push {name}""",
        ),
    ),
    "Buildkite": (
        (
            "A step of a pipeline",
            """\
steps:
  - command:
      - buildkite-agent oidc request-token --audience {aud} --lifetime 300 |
        docker login {host} --username buildkite --password-stdin
      - docker build -t {name} .
      - docker push {name}""",
        ),
    ),
    "GitLab CI": (
        (
            "A job of .gitlab-ci.yml: its token lives as long as the job may run, and five minutes are taken at most",
            """\
publish:
  timeout: 5m
  image: docker:cli
  services: [docker:dind]
  id_tokens:
    REGISTRY_TOKEN:
      aud: {aud}
  script:
    - echo "$REGISTRY_TOKEN" | docker login {host} --username oidc --password-stdin
    - docker build -t {name} .
    - docker push {name}""",
        ),
    ),
    "CircleCI": (
        (
            "Steps of a job",
            """\
steps:
  - checkout
  - run: >-
      circleci run oidc get --claims '{"aud": "{aud}"}' |
      docker login {host} --username oidc --password-stdin
  - run: docker build -t {name} .
  - run: docker push {name}""",
        ),
    ),
}


def chosen(table: Mapping[str, Steps], parameter: str, values: Values) -> Choice:
    """Return the commands of the row that the query names by this parameter, the first one where it names none."""
    asked = request.args.get(parameter, "")
    name = asked if asked in table else next(iter(table))
    return Choice(tuple(table), name, written(table[name], values))


def written(steps: Steps, values: Values) -> Steps:
    """Return steps with the values filled in."""
    return tuple((label, values.fill(text)) for label, text in steps)
