"""What can be measured of a photo's look: attributes, styles and coarse content."""
