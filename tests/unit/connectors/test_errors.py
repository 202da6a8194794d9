"""What an error shows of a value: never what opens a door, never what drives a terminal."""

import pytest

from connectors.errors import shorten


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://reader:hunter2@ehr.example.org/fhir", "`https://…@ehr.example.org/fhir`"),
        ("https://token@ehr.example.org", "`https://…@ehr.example.org`"),
        ("ldaps://cn=x:p@ss@w0rd@dc.example.org", "`ldaps://…@dc.example.org`"),
        ("https://reader:a b'c@ehr.example.org", "`https://…@ehr.example.org`"),
        ("https://ehr.example.org/x?token=abcdef&y=1", "`https://ehr.example.org/x?…`"),
        ("https://ehr.example.org/x#access_token=abcdef", "`https://ehr.example.org/x#…`"),
        ("{'url': 'https://u:p@h/x?key=k'}", "`{'url': 'https://…@h/x?…`"),
        ("https://ehr.example.org/fhir", "`https://ehr.example.org/fhir`"),
        ("maria@example.org?", "`maria@example.org?`"),
        ("\x1b[31m", "`\\x1b[31m`"),
        ("x" * 100, f"`{'x' * 80}…`"),
    ],
)
def test_a_value_is_shown_without_the_secrets_of_an_address(value, shown):
    assert shorten(value) == shown


def test_a_long_address_hides_its_token_before_it_is_cut():
    shown = shorten(f"https://reader:{'p' * 200}@ehr.example.org/x")
    assert "ppp" not in shown
