"""TLS to the database: with the right authority and name, and not without."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from database import Pair, Server


def certificate(folder: Path, name: str, host: str, issuer: tuple | None = None) -> tuple:
    """A certificate and its key as files; an authority when nobody issues it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    try:
        alternative = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / f"{name}.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return made, key


@pytest.mark.parametrize("host", ["127.0.0.1", "db.example.com"])
def test_the_database_must_be_the_one_that_its_certificate_names(tmp_path: Path, tmp_path_factory, host: str):
    authority = certificate(tmp_path, "authority", "authority.example.com")
    certificate(tmp_path, "another", "authority.example.com")
    certificate(tmp_path, "server", host, authority)
    files = {"ssl-cert": "server.pem", "ssl-key": "server.key", "ssl-ca": "authority.pem"}
    options = [f"--{name}={tmp_path / file}" for name, file in files.items()]
    server = Server(tmp_path_factory.mktemp("tls"), *options, "--tls-version=TLSv1.3")
    try:
        with server.database() as database:
            database.sql("CREATE USER app@'127.0.0.1' IDENTIFIED BY 'word' REQUIRE SSL; GRANT ALL ON *.* TO app@'127.0.0.1'")
            install = Pair(tmp_path, database).installs[0]
            install.environment["DOSSIER_STORE_PASSWORD"] = "word"

            def tried(mode: str, ca: str = "authority") -> bool:
                address = database.url.replace("root@", "app@")
                install.environment["DOSSIER__STORE__URL"] = f"{address}?ssl-mode={mode}&ssl-ca={tmp_path / ca}.pem"
                return install.call("team", "add", f"{mode}-{ca}").returncode == 0

            assert tried("VERIFY_IDENTITY") == (host == "127.0.0.1")
            assert tried("VERIFY_CA")
            assert not tried("VERIFY_CA", "another") and not tried("VERIFY_IDENTITY", "another")
            # Without TLS this user is turned away.
            assert not tried("DISABLED")
    finally:
        server.stop()
