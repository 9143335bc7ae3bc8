"""Random models, compiled and run beside TensorFlow Lite Micro: `python -m testbench.differential`."""
