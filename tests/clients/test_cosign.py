"""cosign: signatures and attestations beside an image, with a key of its own and no transparency log."""

from pathlib import Path

from tests.clients import images
from tests.clients.run import Run

LOCAL = ("--allow-http-registry", "--allow-insecure-registry")


def test_an_image_is_signed_attested_and_verified(
    run: Run, address: str, layout: images.Layout, tmp_path: Path
) -> None:
    there = f"{address}/cosign/image"
    run("skopeo", "copy", "--dest-tls-verify=false", f"oci:{layout.path}:image", f"docker://{there}:v1")
    run("cosign", "generate-key-pair")
    image = f"{there}@{layout.image}"
    run("cosign", "sign", "--yes", "--tlog-upload=false", *LOCAL, "--key", "cosign.key", image)
    run("cosign", "verify", "--insecure-ignore-tlog", *LOCAL, "--key", "cosign.pub", image)
    (tmp_path / "predicate.json").write_text('{"made": "here"}')
    attest = ("--yes", "--tlog-upload=false", "--predicate", "predicate.json", "--type", "custom")
    run("cosign", "attest", *attest, *LOCAL, "--key", "cosign.key", image)
    run(
        "cosign",
        "verify-attestation",
        "--insecure-ignore-tlog",
        *LOCAL,
        "--key",
        "cosign.pub",
        "--type",
        "custom",
        image,
    )
    run("cosign", "sign", "--yes", "--tlog-upload=false", *LOCAL, "--key", "cosign.key", image)
