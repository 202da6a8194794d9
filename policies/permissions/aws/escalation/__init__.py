"""Privilege escalation: the ways from an identity to others and to an administrator."""
