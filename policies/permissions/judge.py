"""Which judge answers for what was collected of a cloud."""

from connectors.facts import Collection
from policies.permissions.contract import Judge


def judge_of(collection: Collection) -> Judge | None:
    """Return the judge for what a collection knows of its cloud; `None` where it knows no more than the grants."""
    if collection.estate is None or not collection.complete:
        return None
    # Imported late: an audit without a cloud does not pay for it.
    from connectors.cloud.aws.estate import AwsEstate  # noqa: PLC0415

    if isinstance(collection.estate, AwsEstate):
        from policies.permissions.aws.access.judge import AwsJudge  # noqa: PLC0415

        return AwsJudge(collection.estate, collection.system.id, collection.entitlements)
    return None
