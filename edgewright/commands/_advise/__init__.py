"""What `edgewright advise` tells people, and how it writes the first recipe into a target file."""
