"""What came out: the report, and its budgets."""
