"""Memory planning: where each buffer lies in the arena, in which order the operators run, and the picture of it.

`edgewright.compiler.memory.plan` is the front door.
"""
