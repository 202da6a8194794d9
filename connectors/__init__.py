"""What is: facts read from systems and rosters, never judged here and never changed there."""
