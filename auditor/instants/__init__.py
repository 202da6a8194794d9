"""When a change of access took effect: by the system's own record where it has one, else between two audits."""
