"""Files that somebody brings in place of a model of the project: each module that does not begin with "_" takes some.

The contract of an importer `importers/<name>.py` (out of tree: an entry point of the group "edgewright.importers"):

    SUFFIXES: tuple[str, ...]
        ends of the names of files that it takes: (".tflite",). No two importers take the same.
    PACKAGES: tuple[str, ...]
        Python packages that its result depends on.
    read(path: Path) -> bytes
        the file as a .tflite. UserError: it cannot be read, or is none of its kind.

What it gives is checked as a hostile file, whoever made it. Importing an importer is cheap.
"""
