"""What a bundle is made of: sources for the core and for a PC, samples with their answers."""
