"""XMP sidecars and embedded XMP: what other programs keep there is merged, never replaced."""
