"""What `edgewright new board` finds out about a chip, and what it writes."""
