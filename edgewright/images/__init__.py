"""What the stages for microcontrollers share: a model's C sources, the cross compiler, and the sizes of an image."""
