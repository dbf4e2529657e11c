"""HTTPS: a server that cannot prove its name gets no request, and what is known of it is said."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.download.site import Site, running, status
from lamina.data import get_file
from lamina.data.download import DownloadError

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate")


def certificate(folder: Path, name: str, *more: str) -> Path:
    """A key and a certificate in one file, which nobody has signed but itself."""
    path = folder / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=test"]
    command += ["-addext", f"subjectAltName={name}", *more]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())
    return path


@pytest.fixture
def site() -> Iterator[Site]:
    with running(Site(b"content")) as site:
        yield site


def secure(site: Site, pem: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    site.socket = context.wrap_socket(site.socket, server_side=True)
    site.scheme = "https"


def fetch(site: Site, folder: Path) -> Path:
    return get_file(origin=site.url(), cache_dir=folder / "cache", file_hash=site.sha256, retries=0, timeout=5)


def test_a_trusted_certificate(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path, "IP:127.0.0.1")))
    secure(site, tmp_path / "server.pem")
    assert fetch(site, tmp_path).read_bytes() == b"content"


def test_a_certificate_that_nobody_vouches_for(site: Site, tmp_path: Path) -> None:
    secure(site, certificate(tmp_path, "IP:127.0.0.1"))
    with pytest.raises(DownloadError, match="must prove its name.*self-signed"):
        fetch(site, tmp_path)
    assert not site.asked


def test_a_certificate_of_somebody_else(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path, "DNS:example.org")))
    secure(site, tmp_path / "server.pem")
    with pytest.raises(DownloadError, match="must prove its name.*mismatch"):
        fetch(site, tmp_path)
    assert not site.asked


def test_a_server_that_speaks_no_tls(site: Site, tmp_path: Path) -> None:
    site.scheme = "https"
    with pytest.raises(DownloadError):
        fetch(site, tmp_path)
    assert not site.asked


def test_no_way_back_from_https_to_http(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path, "IP:127.0.0.1")))
    secure(site, tmp_path / "server.pem")
    site.answers = [status(302, Location=site.url().replace("https", "http"))]
    with pytest.raises(DownloadError, match="a redirect leads to HTTPS"):
        fetch(site, tmp_path)
    assert len(site.asked) == 1
