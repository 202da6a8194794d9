"""Where the users of IAM Identity Center cannot be all, although the last page names no other."""

import pytest

from connectors.cloud.aws.estate import Gap, IdentityStoreUser
from connectors.cloud.aws.identity_center import QUESTION, IdentityCenter, compare_people


def center(users: int, members: tuple[str, ...] = (), *, orphan: bool = False) -> IdentityCenter:
    found = {f"u{n}": IdentityStoreUser(f"u{n}", f"user{n}", f"User {n}", None, None, None) for n in range(users)}
    gaps = [Gap("orphan-assignment", "u999", "user of `Billing`")] if orphan else []
    return IdentityCenter(users=found, members={"g1": members}, gaps=gaps)


def test_a_member_of_a_group_who_is_not_among_the_users_means_that_users_are_missing() -> None:
    found = center(37, ("u3", "u500", "u501"))
    compare_people(found)
    assert found.unread[QUESTION] == "2 members of groups are not among the users, so users are missing"
    assert [gap.subject for gap in found.gaps if gap.kind == "unlisted-member"] == ["u500", "u501"]


@pytest.mark.parametrize(("users", "cut"), [(37, False), (50, True), (100, True)])
def test_an_assignment_of_nobody_is_a_leftover_unless_the_users_are_as_many_as_a_page(users: int, cut: bool) -> None:
    found = center(users, ("u3",), orphan=True)
    compare_people(found)
    assert (QUESTION in found.unread) is cut


def test_users_who_are_as_many_as_a_page_are_all_where_nothing_speaks_against_it() -> None:
    found = center(100, ("u3",))
    compare_people(found)
    assert not found.unread
    assert not found.gaps
