"""What operators are lowered to: calls of kernels, the numbers in them, and where input and output may lie."""
