"""Kernels on emulated boards: cases, what plain numpy makes of them, and the image that runs them."""
