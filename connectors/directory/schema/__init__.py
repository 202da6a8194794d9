"""What entries and attributes of directories mean, however they were read."""
