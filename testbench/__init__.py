"""What tests and benchmarks share: models made by hand and at random, oracles, images of emulated boards, stages."""
