"""What the auditor makes of the lines of SHOW GRANTS, in all the forms in which servers write them."""

import pytest

from connectors.ehr.openemr.grants import READ, ExcessRight, _judge_line
from connectors.ehr.openemr.sql_text import account_text, grant
from connectors.ehr.openemr.tables import FILES

HASH = "*D821809F681A40A6E379B50D0463EFAE20BDD122"


def judge(line: str) -> list[ExcessRight]:
    return list(_judge_line(line, "openemr"))


@pytest.mark.parametrize(
    "line",
    [
        f"GRANT USAGE ON *.* TO `a`@`localhost` IDENTIFIED BY PASSWORD '{HASH}' REQUIRE SSL",
        "GRANT USAGE ON *.* TO `a`@`%`",
        "GRANT SELECT (`id`, `username`, `active`) ON `openemr`.`users` TO `a`@`localhost`",
        "GRANT SELECT (id, username) ON `openemr`.`users` TO `a`@`localhost`",
        "GRANT SELECT ON `openemr`.`gacl_acl` TO `a`@`localhost`",
        "GRANT SELECT (`id`) ON `openemr`.`users` TO PUBLIC",
        "GRANT `reader` TO `a`@`localhost`",
        "GRANT `r1`@`%`,`r2`@`%` TO `a`@`%`",
        "SET DEFAULT ROLE `reader` FOR `a`@`localhost`",
        "REVOKE SELECT ON `openemr`.* FROM `a`@`%`",
    ],
)
def test_what_the_set_up_gives_is_accepted_in_every_form(line: str) -> None:
    assert judge(line) == []


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("GRANT SELECT ON *.* TO `a`@`%`", "REVOKE SELECT ON *.* FROM `a`@`%`;"),
        (
            "GRANT SELECT (`id`, `password`) ON `openemr`.`users_secure` TO `a`@`%`",
            "REVOKE SELECT (`password`) ON `openemr`.`users_secure` FROM `a`@`%`;",
        ),
        (
            "GRANT SELECT, INSERT (`id`) ON `openemr`.`gacl_acl` TO `a`@`%`",
            "REVOKE INSERT (`id`) ON `openemr`.`gacl_acl` FROM `a`@`%`;",
        ),
        ("GRANT SELECT ON `a ON b`.`TO` TO `a`@`%`", "REVOKE SELECT ON `a ON b`.`TO` FROM `a`@`%`;"),
        ("GRANT SELECT ON `x``y`.`t` TO `a`@`%`", "REVOKE SELECT ON `x``y`.`t` FROM `a`@`%`;"),
        ("GRANT BACKUP_ADMIN,XA_RECOVER_ADMIN ON *.* TO `a`@`%`", "REVOKE BACKUP_ADMIN ON *.* FROM `a`@`%`;"),
        (
            "GRANT EXECUTE ON PROCEDURE `openemr`.`p` TO `a`@`%`",
            "REVOKE EXECUTE ON PROCEDURE `openemr`.`p` FROM `a`@`%`;",
        ),
        (
            "GRANT `reader` TO `a`@`%` WITH ADMIN OPTION",
            "REVOKE ADMIN OPTION FOR `reader` FROM `a`@`%`;",
        ),
    ],
)
def test_whatever_is_more_is_named_with_the_statement_that_takes_it_away(line: str, remedy: str) -> None:
    assert remedy in [excess.remedy for excess in judge(line)]


@pytest.mark.parametrize(
    "line",
    [
        "GRANT PROXY ON ''@'%' TO 'a'@'%' WITH GRANT OPTION",
        f"GRANT SOMETHING NEW 7 ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '{HASH}'",
        "",
        "DENY SELECT ON *.* TO `a`@`%`",
    ],
)
def test_a_line_that_is_not_understood_counts_as_too_much_and_its_hash_is_not_told(line: str) -> None:
    excess = judge(line)
    assert len(excess) == 1
    assert HASH not in repr(excess)


@pytest.mark.timeout(60)
def test_a_hostile_line_takes_no_time() -> None:
    for line in (
        "GRANT " + "A ON " * 4000,
        "GRANT " + "A, " * 6000,
        "GRANT SELECT (" + "`," * 9000,
        "GRANT " + "`" * 19000,
    ):
        assert judge(line)


def test_only_what_an_export_may_hold_is_read_live() -> None:
    for table, columns in READ.items():
        shape = FILES["last_login" if table == "log" else table]
        if table != "log":
            assert set(columns) <= {*shape.required, *shape.optional}


def test_names_in_statements_are_quoted() -> None:
    assert account_text("o'brien", "10.%") == "'o''brien'@'10.%'"
    assert grant("open`emr", "users", ["id"], "'a'@'b'") == "GRANT SELECT (`id`) ON `open``emr`.`users` TO 'a'@'b';"
