"""What to tell: one model of an audit, drawn in several formats."""
