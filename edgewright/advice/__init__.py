"""What suits a model and a target, by a short scan: candidates, the point of each, recipes and their ranks."""
