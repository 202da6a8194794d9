"""What an LDAP result code or a broken connection means for the read, as one of the product's errors."""

import ssl

from ldap3.core.results import RESULT_CODES

from connectors.errors import (
    SourceDenied,
    SourceError,
    SourceMalformed,
    SourceTruncated,
    SourceUnreachable,
)
from connectors.http.distrust import distrust

START_TLS = "asking for StartTLS"
"""What is done before the sign-in on an ldap:// connection."""

# From: RFC 4511 appendix A (result codes). Each row: the codes, the error, what it adds, what to do.
_MEANINGS: tuple[tuple[frozenset[int], type[SourceError], str, str], ...] = (
    (
        frozenset({3, 4, 11}),
        SourceTruncated,
        "",
        "raise the limits of the auditor's account (OpenLDAP: `limits`), or lower `page_size`",
    ),
    (
        frozenset({10}),
        SourceTruncated,
        ": it refers to another server, which is not followed",
        "give the `url` of a server that holds `base_dn` itself",
    ),
    (
        frozenset({7}),
        SourceDenied,
        ": it does not offer this way to sign in",
        "check `bind`; an OpenLDAP server asks for a client certificate only with `TLSVerifyClient`",
    ),
    (
        frozenset({8, 13}),
        SourceDenied,
        ": it wants the connection to be protected in another way",
        "use an ldaps:// `url`; in Samba, Kerberos needs `ldap server require strong auth = allow_sasl_over_tls`",
    ),
    (
        frozenset({19, 48, 49, 50, 53}),
        SourceDenied,
        "",
        "check `bind_dn`, the password in the variable that `password_env` names, and the account's rights",
    ),
    (
        frozenset({32, 34}),
        SourceDenied,
        "",
        "`base_dn` does not exist, or the auditor's account may not see it",
    ),
    (
        frozenset({51, 52}),
        SourceUnreachable,
        "",
        "run again later",
    ),
    (
        frozenset({12}),
        SourceMalformed,
        "",
        "the server offers no paged results (RFC 2696), and did not answer one search either",
    ),
)

_BAD_BINDINGS = "80090346"
"""SEC_E_BAD_BINDINGS, which AD answers where LdapEnforceChannelBinding is set (Microsoft's advisory ADV190023)."""

# From: https://learn.microsoft.com/windows/win32/debug/system-error-codes (hexadecimal in AD's answer)
_AD_REASONS = {
    "525": "no such user",
    "52e": "the password is wrong",
    "530": "not allowed at this hour",
    "531": "not allowed from this machine",
    "532": "its password has expired",
    "533": "the account is disabled",
    "701": "the account has expired",
    "773": "it must change its password",
    "775": "the account is locked",
}


def refusal(system: str, doing: str, code: int, message: str = "") -> SourceError:
    """
    Return the error for a result code other than success.

    The server's own text is never repeated; only AD's reason for a refused sign-in is read out of it.
    """
    text = f"`{system}` answered result {code} ({RESULT_CODES.get(code, 'unknown')}) while {doing}"
    if doing == START_TLS:
        return SourceUnreachable(
            f"{text}: it does not offer it; the password was not sent",
            hint="use an ldaps:// `url`, or give the server a certificate (OpenLDAP: `olcTLSCertificateFile`)",
        )
    if f"data {_BAD_BINDINGS}," in message:
        return SourceDenied(
            f"{text}: it asks for channel binding, and the TLS that it sees is not the one that this machine speaks",
            hint="connect to the domain controller itself: no proxy, load balancer or inspection of TLS between; "
            "`bind: simple` over ldaps:// needs no channel binding",
        )
    for codes, error, addition, hint in _MEANINGS:
        if code in codes:
            reason = next((f": {r}" for data, r in _AD_REASONS.items() if f"data {data}," in message), "")
            return error(text + addition + reason, hint=hint)
    return SourceError(text, hint="look it up in the log of the server")


def untrusted(
    system: str, where: str, error: ssl.SSLCertVerificationError, name: str, *, own_authority: bool
) -> SourceUnreachable:
    """Return the error for a certificate that is not trusted: ended, another name, signed by itself or a stranger."""
    why, advice = distrust(error, name, own_authority=own_authority)
    return SourceUnreachable(
        f"`{system}`: the certificate of `{where}` is not trusted: it {why}; the password was not sent", hint=advice
    )


def broken(system: str, where: str, doing: str, text: str, timeout_s: int, *, shown: bool = False) -> SourceUnreachable:
    """
    Return the error for a connection that failed; `text` is what the library said, and is not repeated.

    `shown` says that a client certificate was: a server that does not accept it breaks off without a word.
    """
    said = text.lower()
    if "timed out" in said or "temporarily unavailable" in said:
        return SourceUnreachable(
            f"`{system}`: `{where}` did not answer within {timeout_s} s while {doing}",
            hint="is it the right port? ldaps:// needs 636, ldap:// with StartTLS 389; or raise `timeout_s`",
        )
    if shown and doing == "signing in":
        return SourceUnreachable(
            f"`{system}`: `{where}` broke off the connection while {doing}: it may not accept the client certificate",
            hint="check that the server trusts the authority of `client_cert`, and that the certificate has not ended",
        )
    return SourceUnreachable(
        f"`{system}`: the connection to `{where}` failed while {doing}",
        hint="check `url`, the network, and that the server offers LDAPS or StartTLS",
    )
