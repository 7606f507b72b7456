from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from environments.local import certificates
from environments.local.home import Home

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    found = Home(tmp_path_factory.mktemp("home"))
    certificates.ensure(found)
    return found


def test_the_leaf_names_every_served_host_and_nothing_wider(home: Home) -> None:
    leaf = x509.load_pem_x509_certificate((home.path / "tls" / "leaf.pem").read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == set(certificates.served_names())
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert "*.eastus.inference.ml.azure.com" in certificates.served_names()


def test_the_bundle_trusts_the_system_and_our_authority(home: Home) -> None:
    subjects = [dict(pair[0] for pair in each["subject"]) for each in _trusted(home.bundle)]
    assert {"commonName": "aml-kit local environment"} in subjects
    assert len(subjects) > 10


def test_the_key_is_its_owners(home: Home) -> None:
    assert (home.path / "tls" / "leaf.key").stat().st_mode & 0o077 == 0


def test_certificates_are_kept_until_they_are_about_to_end(home: Home) -> None:
    leaf = home.path / "tls" / "leaf.pem"
    before = leaf.read_bytes()
    certificates.ensure(home)
    assert leaf.read_bytes() == before
    ends = x509.load_pem_x509_certificate(before).not_valid_after_utc
    assert ends > datetime.now(UTC) + timedelta(days=300)
    certificates.ensure(home, now=ends - timedelta(days=3))
    assert leaf.read_bytes() != before


def _trusted(bundle: Path) -> list[dict[str, tuple[tuple[tuple[str, str], ...], ...]]]:
    context = ssl.create_default_context(cafile=str(bundle))
    return context.get_ca_certs()  # type: ignore[return-value]
