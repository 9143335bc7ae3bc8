"""Processes that have imported what takes long, and fork a child for each piece of work that a client hands over.

A request is the length of a JSON object (4 bytes, big endian) and the object, with file descriptors for the child; the
answers are lines of JSON: {"started": true} and {"exit": code}, or {"stale": true} from a server that ends because it
would do the work otherwise than a process that starts now. Between clients and children nothing outlives the other: a
client that goes takes its child along, and the kernel kills the children of a server that dies.
"""
