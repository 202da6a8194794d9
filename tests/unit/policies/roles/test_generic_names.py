from pathlib import Path

import pytest

from connectors.errors import InputError
from policies.roles.generic_logins import GenericNames

NAMES = GenericNames.load()


@pytest.mark.parametrize(
    ("login", "word"),
    [
        ("frontdesk", "frontdesk"),
        ("FrontDesk2", "frontdesk"),
        ("front.desk", "frontdesk"),
        ("CLINIC\\reception", "reception"),
        ("reception@clinic.example", "reception"),
        ("sunrise-frontdesk", "frontdesk"),
        ("clinic_shared_01", "shared"),
        ("scheduler", "scheduler"),
        ("billing", "billing"),
        ("va1", "va"),
        ("va-02", "va"),
        ("test", "test"),
        ("temp3", "temp"),
        ("admin", "admin"),
        ("office", "office"),
        ("billing.team", "billing"),
    ],
)
def test_a_login_that_names_a_desk_or_a_task_is_generic(login: str, word: str) -> None:
    assert NAMES.matches(login) == word


@pytest.mark.parametrize(
    "login",
    [
        *("asantos", "ana.santos", "va.ana.santos", "ana-billing", "billingsley", "temple", "tester.jones"),
        *(
            "vasquez",
            "m.testa",
            "officer",
            "user@frontdesk.example.com".replace("user", "asantos"),
            "12345",
            "",
            "@",
            "\\",
        ),
    ],
)
def test_a_login_that_names_a_person_is_not_generic(login: str) -> None:
    assert NAMES.matches(login) is None


def test_a_hostile_login_is_looked_at_only_so_far() -> None:
    assert NAMES.matches("x." * 1_000_000 + "frontdesk") is None


def test_a_word_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.yaml"
    path.write_text("version: 1\nanywhere: [shared]\nalone:\n  - billing\n  - shared\n")
    with pytest.raises(InputError, match=r"line 5, `alone\[1\]`: the word stands twice"):
        GenericNames.load(path)
