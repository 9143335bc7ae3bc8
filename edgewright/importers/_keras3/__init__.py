"""Keras 3 models as models of tf-keras, layer by layer and with their weights: compression passes work on Keras 2."""
