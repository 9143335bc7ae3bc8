"""Kernels as products of smaller ones.

site.py     a layer that can be split: its kernel, and how often each part of it would be computed
forms.py    the ways to split it: what each costs, and what it keeps of the kernel
choose.py   which form each layer gets
parts.py    the layers that stand in its place
"""
