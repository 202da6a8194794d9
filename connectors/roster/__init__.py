"""Rosters: the authoritative list of engagements."""
