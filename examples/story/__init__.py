"""The example practice as data: who is who, what they hold, and what is wrong on purpose."""
