"""The tables of costs (edgewright/arch/costs/), measured: `python -m benchmarks.costs CORE`."""
