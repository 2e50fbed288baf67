"""Every client's own words for the same verbs.

In a command ``{image}`` is ``HOST/REPOSITORY:TAG``, ``{repository}`` the same without the tag, ``{parent}`` without its
last part too, ``{layout}`` an OCI layout, ``{folder}`` a folder to work in.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """A client's commands. ``load`` comes before ``push``, and reaches no registry. What it cannot do is empty.

    ``believes``: its login asks nobody, and keeps whatever it is given. ``needs``: a fixture that is its daemon.
    """

    name: str
    login: str
    push: str
    pull: str
    load: tuple[str, ...] = ()
    prepare: tuple[str, ...] = ()
    delete: str = ""
    copy: tuple[str, ...] = ()
    believes: bool = False
    needs: str = ""


_STORED = ("skopeo copy -q oci:{layout}:image containers-storage:{image}",)
_ARCHIVED = ("rm -f {folder}/image.tar", "skopeo copy -q oci:{layout}:image docker-archive:{folder}/image.tar:{image}")
CLIENTS = (
    Client(
        "docker",
        login="docker {daemon} login -u {name} -p {secret} {address}",
        load=(*_ARCHIVED, "docker {daemon} load -i {folder}/image.tar"),
        push="docker {daemon} push {image}",
        pull="docker {daemon} pull {image}",
        copy=("docker {daemon} tag {image} {other}", "docker {daemon} push {other}"),
        needs="engine",
    ),
    Client(
        "podman",
        login="podman login --tls-verify=false -u {name} -p {secret} {address}",
        load=_STORED,
        push="podman push -q --tls-verify=false {image}",
        pull="podman pull -q --tls-verify=false {image}",
    ),
    Client(
        "buildah",
        login="buildah login --tls-verify=false -u {name} -p {secret} {address}",
        load=_STORED,
        push="buildah push -q --tls-verify=false {image}",
        pull="buildah pull -q --policy always --tls-verify=false {image}",
    ),
    Client(
        "skopeo",
        login="skopeo login --tls-verify=false -u {name} -p {secret} {address}",
        push="skopeo copy --dest-tls-verify=false oci:{layout}:image docker://{image}",
        pull="skopeo copy --src-tls-verify=false docker://{image} oci:{folder}/back:v1",
        delete="skopeo delete --tls-verify=false docker://{image}",
        copy=("skopeo copy --src-tls-verify=false --dest-tls-verify=false docker://{image} docker://{other}",),
    ),
    Client(
        "ctr",
        login="",
        load=(*_ARCHIVED, "ctr {daemon} images import {folder}/image.tar"),
        push="ctr {daemon} images push --plain-http {shown} {image}",
        pull="ctr {daemon} images pull --plain-http {shown} {image}",
        needs="ctr",
    ),
    Client(
        "crane",
        login="crane auth login -u {name} -p {secret} {address}",
        push="crane push --insecure --index {layout} {image}",
        pull="crane pull --insecure --format=oci {image} {folder}/back",
        delete="crane delete --insecure {image}",
        copy=("crane copy --insecure {image} {other}",),
        believes=True,
    ),
    Client(
        "regctl",
        prepare=("regctl registry set --tls disabled {address}",),
        login="regctl registry login -u {name} -p {secret} {address}",
        push="regctl image copy ocidir://{layout}:image {image}",
        pull="regctl image copy {image} ocidir://{folder}/back:v1",
        delete="regctl tag rm {image}",
        copy=("regctl image copy {image} {other}",),
    ),
    Client(
        "oras",
        login="oras login --plain-http -u {name} -p {secret} {address}",
        push="oras cp --from-oci-layout --to-plain-http {layout}:image {image}",
        pull="oras cp --from-plain-http --to-oci-layout {image} {folder}/back:v1",
        delete="oras manifest delete --plain-http --force {image}",
        copy=("oras cp --from-plain-http --to-plain-http {image} {other}",),
    ),
    Client(
        "helm",
        prepare=("helm create app", "cp -r {layout}/blobs app/blobs", "helm package app"),
        login="helm registry login --plain-http -u {name} -p {secret} {address}",
        push="helm push --plain-http app-0.1.0.tgz oci://{parent}",
        pull="helm pull --plain-http oci://{repository} --version 0.1.0 -d {folder}",
    ),
)  # fmt: skip
