"""The .tflite format: a file becomes a graph of plain values."""
