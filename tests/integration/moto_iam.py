"""An AWS account to audit: a real moto server on a free loopback port, and a small staff in it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import boto3

ACCOUNT = "123456789012"
READ_FILES = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
ASSUME = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}


@contextmanager
def moto_server() -> Iterator[str]:
    """Start the server and give its address; stop it in the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    # `ACCOUNT` is moto's own; naming it in `MOTO_ACCOUNT_ID` would keep roles from leading into other accounts.
    environment = {k: v for k, v in os.environ.items() if k != "MOTO_ACCOUNT_ID"} | {"PYTHONWARNINGS": "ignore"}
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    try:
        wait_for(f"{address}/moto-api/data.json", server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=10)


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        assert server.poll() is None, "the moto server ended by itself"
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, ConnectionError):
            time.sleep(0.05)
    raise AssertionError("the moto server did not start")


def client(address: str, service: str = "iam"):
    return boto3.client(
        service, endpoint_url=address, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


def hire_staff(iam) -> None:
    """Ana of the front desk, with password and MFA; Ben with keys only; a robot; Cleo, just created."""
    policy = iam.create_policy(PolicyName="read-files", PolicyDocument=json.dumps(READ_FILES))["Policy"]["Arn"]
    iam.create_group(GroupName="front-desk", Path="/vma/")
    iam.attach_group_policy(GroupName="front-desk", PolicyArn=policy)
    iam.put_group_policy(GroupName="front-desk", PolicyName="assume", PolicyDocument=json.dumps(ASSUME))
    iam.create_user(
        UserName="ana",
        Tags=[
            {"Key": "name", "Value": "Ana Ruiz"},
            {"Key": "email", "Value": "ana@example.com"},
            {"Key": "employee-id", "Value": "V-17"},
        ],
    )
    iam.add_user_to_group(GroupName="front-desk", UserName="ana")
    iam.create_login_profile(UserName="ana", Password="Correct-horse-9")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="ana")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="ana", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="234567"
    )
    iam.create_user(UserName="ben")
    iam.attach_user_policy(UserName="ben", PolicyArn=policy)
    iam.put_user_policy(UserName="ben", PolicyName="own", PolicyDocument=json.dumps(READ_FILES))
    iam.create_access_key(UserName="ben")
    iam.create_user(UserName="backup-robot", Tags=[{"Key": "kind", "Value": "service"}])
    iam.create_user(UserName="cleo")
    iam.create_role(RoleName="auditor", AssumeRolePolicyDocument=json.dumps(TRUST))
