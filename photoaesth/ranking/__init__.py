"""Pure functions on choices: transitive closure, conflicts, which pair to ask next."""
