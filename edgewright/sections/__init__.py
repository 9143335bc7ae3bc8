"""What a person declares in a TOML file: one class a section, with the unit, the default and the bounds of each key.

The files of a project (`edgewright.spec`), the options of the stages (`edgewright.options`) and the reference pages are
made of these classes, so each key and each default stands here once. A module imports nothing that it does not need: a
stage depends on the sections that it reads, and on no other.
"""
