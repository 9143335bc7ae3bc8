"""From a .tflite to a microcontroller: C, firmware, the board, and the drop-in library."""
