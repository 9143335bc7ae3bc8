"""Other compilers of int8 networks to C, built and run beside us; a module each, and `python -m benchmarks.peers`.

A module of a peer is run in an environment of its own, which has the peer's packages and not ours, so it imports
little: testbench/peers/interface.py says what it has to have.
"""
