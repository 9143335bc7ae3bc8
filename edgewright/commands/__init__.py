"""What is asked of a project or a finished build: `edgewright <command>`, one module each with `main` and `SUMMARY`."""
