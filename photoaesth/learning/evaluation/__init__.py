"""Measuring how well methods know people: the published protocol on rated photos."""
