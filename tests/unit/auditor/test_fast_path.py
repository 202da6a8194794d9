"""A question that is read without the rest of the command line is the same one, and nothing else is taken for one."""

import json

import pytest

from auditor.cli import _command, run
from auditor.cli.fast_path import one_question

WHOLE = ["explain", "--principal", "ana", "--action", "s3:GetObject", "--estate", "account.json"]
US = "111122223333"
ACCOUNT = {
    "UserDetailList": [
        {
            "UserName": "ana", "UserId": "AIDA1", "Arn": f"arn:aws:iam::{US}:user/ana",
            "UserPolicyList": [
                {
                    "PolicyName": "own",
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow", "Action": "s3:*", "Resource": "*",
                                "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
                            }
                        ],
                    },
                }
            ],
        }
    ],
    "GroupDetailList": [], "RoleDetailList": [], "Policies": [],
}  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--resource", "arn:aws:s3:::charts/a"),
        ("--resource", "*", "--context", "aws:SourceVpc=vpc-1", "--context", "aws:SourceIp=203.0.113.7"),
        ("--format", "json"),
        ("--format", "text", "--resource", "*"),
    ],
)
def test_both_ways_of_reading_the_command_line_answer_alike(more, tmp_path, capsys):
    path = tmp_path / "account.json"
    path.write_text(json.dumps(ACCOUNT))
    question = [*WHOLE[:-1], str(path), *more]
    assert one_question(question)
    answers = [(read(question), capsys.readouterr()) for read in (run, _command)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 0
    assert answers[0][1].out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["explain"],
        ["explain", "F-ABCDEFGHIJ"],
        ["cloud", *WHOLE[1:]],
        [*WHOLE, "--help"],
        [*WHOLE, "--format", "xml"],
        [*WHOLE, "--format"],
        [*WHOLE, "--principal", "ben"],
        [*WHOLE, "--store", "auditor.db"],
        ["explain", "F-ABCDEFGHIJ", *WHOLE[1:]],
        ["explain", "--principal", "--action", "s3:GetObject", "--estate"],
        ["explain", "--principal", "", "--action", "s3:GetObject", "--estate", "account.json"],
        WHOLE[:5],
        ["explain", "--principal=ana", *WHOLE[3:]],
    ],
)
def test_whatever_is_not_exactly_a_question_is_left_to_the_command_line(arguments):
    assert one_question(arguments) is None
