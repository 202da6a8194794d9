"""The actions of AWS: their names, levels, and what they give."""
