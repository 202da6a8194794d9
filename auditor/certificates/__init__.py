"""Certificates: one signed page about one person's coming, moving or leaving, which a stranger can check offline."""
