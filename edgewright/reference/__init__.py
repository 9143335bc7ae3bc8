"""docs/reference/, made from the classes of sections, passes, transports and flash tools: pages, and JSON Schemas.

python -m edgewright.reference
"""
