"""What falls out of step if nobody acts, day by day."""
