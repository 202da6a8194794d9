"""What to set up in AWS for the auditor, as text ready to paste."""

from collections.abc import Sequence

from connectors.cloud.aws.policy import Document, document, shown

AUDITOR = "arn:aws:iam::<ACCOUNT OF THE AUDITOR>:role/<ROLE OF THE AUDITOR>"


def steps_text(
    title: str, policies: Sequence[tuple[str, Document]], roles: Sequence[str], external_id: str | None
) -> str:
    """
    Return the steps: each policy with who gets it; with roles, who may take them, and under which condition.

    Source: IAM User Guide, "Access to AWS accounts owned by third parties" (external id).
    """
    advice = "and nothing else (`ReadOnlyAccess` reads patients' files: never use it)"
    texts = [f"Give {who} this policy, {advice}:\n\n{shown(policy)}" for who, policy in policies]
    if roles:
        plural = "these roles" if len(roles) > 1 else "this role"
        condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
        trust = document([{"Effect": "Allow", "Principal": {"AWS": AUDITOR}, "Action": "sts:AssumeRole", **condition}])
        named = "\n".join(f"  {role}" for role in roles)
        hint = "" if external_id else "\n\nWhere the auditor belongs to another company, set `external_id` as well."
        texts.append(f"Let {plural} trust the auditor:\n{named}\n\n{shown(trust)}{hint}")
        take = [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(roles)}]
        texts.append(f"Allow the auditor's own user or role to take {plural}:\n\n{shown(document(take))}")
    steps = "\n\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))
    return f"For {title} (AWS):\n\n{steps}\n"
