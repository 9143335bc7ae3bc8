"""What `edgewright doctor` looks at, one module each: it gives findings."""
