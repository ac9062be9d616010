"""Local pages and the server that shows them; needs the extra `web`."""
