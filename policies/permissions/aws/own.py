"""What users do with their own credentials, which gives them no power over anybody else."""

from policies.permissions.aws.actions import ActionIndex

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
    )
)
"""
What users do with their own credentials: harmless where the statement names only the caller's own user.

Source: IAM User Guide, "Allows IAM users to manage their own credentials on the My security credentials page".
"""


def of_oneself(index: ActionIndex) -> int:
    """Return these actions as a set."""
    found = 0
    for action in OWN_CREDENTIALS:
        found |= index.expand(action) or 0
    return found
