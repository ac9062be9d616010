"""The command line: one file per command; it parses, calls one workflow and renders."""
