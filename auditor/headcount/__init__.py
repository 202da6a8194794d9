"""Headcount: events between two rosters, engagements over time, and the rosters that audits saw."""
