"""What directories record of their own changes: each record as a `Write`, and what writes mean for accounts."""
