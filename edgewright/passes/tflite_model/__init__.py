"""A float .tflite as a graph that can be changed, and rules that bring it to the form that the quantizer takes."""
