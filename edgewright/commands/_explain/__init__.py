"""What `edgewright explain` finds and how it is shown: as a tree, Mermaid or Graphviz."""
