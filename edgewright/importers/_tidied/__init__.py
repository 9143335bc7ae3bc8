"""A float .tflite of another framework's converter without what only the converter needed.

Rules of `apply` look at a model one after the other until none finds anything; what they do is exact but for rounding.
"""
