"""What rules ask of a case, where that takes more than a few lines: a module a subject, a case in, answers out."""
