"""One use case per file, named like the commands; nothing here prints or parses arguments."""
