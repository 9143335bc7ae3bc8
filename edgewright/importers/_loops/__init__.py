"""Graphs of TensorFlow without loops: an LSTM becomes Keras' own, which has an operator, and others are written out."""
