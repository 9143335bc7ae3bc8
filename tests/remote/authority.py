"""Authorities and certificates, as docs/machines.md makes them."""

from __future__ import annotations

import subprocess
from pathlib import Path

NEW = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def run(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, check=True, capture_output=True)


def new_authority(folder: Path, name: str) -> None:
    run(folder, *NEW, "-x509", "-days", "2", "-subj", "/CN=builds", "-keyout", f"{name}.key", "-out", f"{name}.pem")


def end_authority(folder: Path, name: str) -> None:
    """Make one whose time is over."""
    (folder / "authority.ext").write_text("basicConstraints = critical,CA:TRUE\n")
    run(folder, *NEW, "-subj", "/CN=dead", "-keyout", f"{name}.key", "-out", f"{name}.csr")
    own = ["-signkey", f"{name}.key", "-extfile", "authority.ext", "-out", f"{name}.pem"]
    run(folder, "openssl", "x509", "-req", "-days", "-1", "-in", f"{name}.csr", *own)


def new_certificate(folder: Path, authority: str, name: str, days: str = "2") -> None:
    run(folder, *NEW, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
    signed = ["-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial", "-out", f"{name}.pem"]
    run(folder, "openssl", "x509", "-req", "-days", days, "-in", f"{name}.csr", *signed)
