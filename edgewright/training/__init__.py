"""Models of Keras trained, converted and judged: what the stages that run TensorFlow are made of."""
