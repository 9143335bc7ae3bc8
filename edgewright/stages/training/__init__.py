"""The stages from data to a quantized model, which run TensorFlow."""
