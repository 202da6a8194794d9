"""Agreements: the register of papers, the parties, and which of them cover what on which days."""
