"""Pictures in the terminal: what makes each kind of terminal show one. Nothing is printed here."""
