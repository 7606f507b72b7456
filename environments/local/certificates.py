"""Our own certificate authority, one leaf for all served names, and the bundle that programs trust."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from environments.local.settings import REGIONS

if TYPE_CHECKING:
    from environments.local.home import Home

_DAYS = 365
_RENEW_DAYS = 7


def ensure(home: Home, now: datetime | None = None) -> None:
    """Make authority, leaf and bundle unless they are there and good for another week."""
    folder = home.folder("tls")
    leaf = folder / "leaf.pem"
    if leaf.exists() and home.bundle.exists():
        known = x509.load_pem_x509_certificate(leaf.read_bytes())
        if known.not_valid_after_utc > (now or datetime.now(UTC)) + timedelta(days=_RENEW_DAYS):
            return
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key)
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    certificate = _leaf(leaf_key, authority, authority_key)
    _write_key(folder / "leaf.key", leaf_key)
    (folder / "authority.pem").write_bytes(_pem(authority))
    home.bundle.write_text(_system_bundle().rstrip() + "\n" + _pem(authority).decode())
    leaf.write_bytes(_pem(certificate))  # last: it says that all is there


def served_names() -> tuple[str, ...]:
    """Every name on the leaf; a wildcard covers one label."""
    scoring = tuple(f"*.{region}.inference.ml.azure.com" for region in REGIONS)
    azure = ("management.azure.com", "login.microsoftonline.com", "*.api.azureml.ms")
    return ("localhost", *azure, *scoring, "*.blob.core.windows.net", "*.queue.core.windows.net")


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("aml-kit local environment")
    builder = _builder(name, name, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    return builder.sign(key, hashes.SHA256())


def _leaf(
    key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in served_names()]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    builder = _builder(_name("localhost"), authority.subject, key.public_key())
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return builder.add_extension(signer, critical=False).sign(authority_key, hashes.SHA256())


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=_DAYS))


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _system_bundle() -> str:
    """The machine's own bundle where there is one, so that proxies of the user's network stay trusted."""
    system = ssl.get_default_verify_paths().cafile
    if system and Path(system).exists():
        return Path(system).read_text()
    return Path(certifi.where()).read_text()
