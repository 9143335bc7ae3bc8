"""Keras models as passes see them: in files, layer by layer, built anew, their weights, zeros and work."""
