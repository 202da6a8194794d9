"""People see actions as AWS writes them."""

from policies.permissions.aws.actions.canonical_names import spelled


def test_actions_are_shown_as_aws_writes_them():
    assert spelled(["s3:getobject", "iam:createaccesskey"]) == ("s3:GetObject", "iam:CreateAccessKey")


def test_what_aws_does_not_know_is_shown_as_it_stands_and_never_becomes_a_file_name():
    strange = ("s3:notanaction", "nosuchservice:Do", "../../etc/passwd:x", "s3", "")
    assert spelled(strange) == strange
