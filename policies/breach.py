"""
The clocks of a breach, in words: whom to tell by when, if an assessment finds that it is one.

Source: 45 CFR 164.402 (what is a breach), 164.404 (the people concerned), 164.408 (the Secretary of HHS), 164.410 (a
business associate tells the practice). Each says "without unreasonable delay"; the numbers are the latest.
"""

ASSESS = "assess whether it is a breach (45 CFR 164.402)"

_PRACTICE = (
    "if it is, without unreasonable delay and within 60 days of its discovery: the people concerned (164.404), HHS "
    "(164.408), of fewer than 500 people within 60 days after the year"
)
_ASSOCIATE = ", and a business associate the practice (164.410)"


def clocks(engagement_type: str) -> str:
    """Return whom to tell by when; whoever works for a business associate brings that one's clock along."""
    return _PRACTICE if engagement_type == "practice-workforce" else _PRACTICE + _ASSOCIATE
