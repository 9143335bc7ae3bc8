"""Accuracy against bytes of every compression method, on two networks and several seeds.

    python -m benchmarks.compression

`targets/` holds the recipes, one target file each; a recipe "fashion_cnn-prune_50" is for the model before the "-".
"""
