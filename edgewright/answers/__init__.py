"""What a model answers: the inputs that it is asked with, the answers of its C, and whether a device agrees."""
