"""The practice at another instant: a past audit as a case again, and a day to come."""
