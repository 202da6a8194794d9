"""
The clocks of a breach, in words: whom to tell by when, if an assessment finds that it is one.

Source: 45 CFR 164.402 (what is a breach), 164.404 (the people concerned), 164.408 (the Secretary of HHS), 164.410 (a
business associate tells the practice). Each says "without unreasonable delay"; the numbers are the latest.
"""

ASSESS = "assess whether it is a breach (45 CFR 164.402)"

_PRACTICE = (
    "if it is: tell the people concerned without unreasonable delay, at the latest 60 days after it was discovered "
    "(164.404), and HHS at the same time where they are 500 or more, else within 60 days after the end of the year "
    "(164.408)"
)
_ASSOCIATE = (
    "; a business associate tells the practice without unreasonable delay, at the latest after 60 days (164.410)"
)


def clocks(engagement_type: str) -> str:
    """Return whom to tell by when; whoever works for a business associate brings that one's clock along."""
    return _PRACTICE if engagement_type == "practice-workforce" else _PRACTICE + _ASSOCIATE
