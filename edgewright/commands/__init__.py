"""What is asked of a project or a finished build: `edgewright <command>`, one module each with `main` and `SUMMARY`.

`parser()` gives its parser of words, for completion in shells; a command of another package may leave it out.
"""
