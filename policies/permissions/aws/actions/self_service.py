"""
What users do with their own credentials, which gives them no power over anybody else.

A name of a user is unique in its account, whatever its path, and no right of IAM reaches into another account: so a
pattern that ends in the own name means oneself, with whatever account and path before it.
Source: IAM User Guide, "Allows IAM users to manage their own credentials on the My security credentials page" (its
policy says `arn:aws:iam::*:user/${aws:username}`), "IAM identifiers".
"""

import re

from policies.permissions.aws.actions.index import ActionIndex

OWN_CREDENTIALS = tuple(
    f"iam:{action}"
    for action in (
        *("ChangePassword", "CreateAccessKey", "CreateLoginProfile", "CreateServiceSpecificCredential"),
        *("CreateVirtualMFADevice", "DeactivateMFADevice", "DeleteAccessKey", "DeleteLoginProfile"),
        *("DeleteServiceSpecificCredential", "DeleteSSHPublicKey", "DeleteSigningCertificate"),
        *("DeleteVirtualMFADevice", "EnableMFADevice", "GetAccessKeyLastUsed", "GetLoginProfile", "GetMFADevice"),
        *("GetSSHPublicKey", "GetUser", "ListAccessKeys", "ListMFADevices", "ListServiceSpecificCredentials"),
        *("ListSSHPublicKeys", "ListSigningCertificates", "ResetServiceSpecificCredential", "ResyncMFADevice"),
        *("UpdateAccessKey", "UpdateLoginProfile", "UpdateServiceSpecificCredential", "UpdateSSHPublicKey"),
        *("UpdateSigningCertificate", "UploadSSHPublicKey", "UploadSigningCertificate"),
        *("ListMFADeviceTags", "TagMFADevice", "UntagMFADevice"),
    )
)
USERNAME = "${aws:username}"
_OWN = re.compile(
    r"arn:(?:aws[a-z-]*|\*):iam::(?:\*|\d{12})?:(?:user|mfa)/(?:[^:${}]*/)?(?P<name>[^/:]+|\$\{aws:username\})",
    re.ASCII,
)


def means_oneself(pattern: str, name: str) -> bool:
    """Whether a pattern means only the user of that name, or the own device; `USERNAME` is whoever asks."""
    match = _OWN.fullmatch(pattern)
    return match is not None and match["name"] == name and "*" not in name and "?" not in name


def of_oneself(index: ActionIndex) -> int:
    """Return these actions as a set."""
    found = 0
    for action in OWN_CREDENTIALS:
        found |= index.expand(action) or 0
    return found
