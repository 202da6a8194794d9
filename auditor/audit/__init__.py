"""One audit: what is gathered, what is held back, what came out, and where it is written."""
