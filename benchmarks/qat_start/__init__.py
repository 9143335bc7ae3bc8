"""What quantization-aware training gains when its ranges begin at calibrated ones, not at -6 to 6."""
