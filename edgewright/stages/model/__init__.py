"""The .tflite itself: taken in, handed to a target, written as C or for an app, sized for sending."""
