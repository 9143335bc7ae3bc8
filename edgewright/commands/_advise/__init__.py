"""What `edgewright advise` is made of: candidates, the scan of each, the recipes and their ranks, and writing one."""
