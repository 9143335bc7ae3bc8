"""Operators that no file holds: the compiler puts them in the place of others."""
