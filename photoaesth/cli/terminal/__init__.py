"""The terminal: keys, its size, what it can show."""
