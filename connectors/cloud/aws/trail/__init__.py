"""CloudTrail: what changed of an account, when, and by whom, live or from saved files."""
