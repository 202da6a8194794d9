"""
Headcount: events between two rosters, engagements over time, and the rosters that audits saw.

It knows the store, and is known by drift, history, lag and the making of a case; nothing here is about access.
"""
