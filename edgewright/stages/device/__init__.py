"""A model as its device runs it: its accuracy, its latency, and the file system of an emulated device."""
