"""Image operations, the search for their parameters, and writing enhanced copies."""
