"""From data to a quantized model: what runs TensorFlow, and what it is run by."""
