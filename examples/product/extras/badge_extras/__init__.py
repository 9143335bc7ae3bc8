"""What the badge adds to Edgewright: an operator, a pass, a transport."""
