"""Backbone, embedding, heads, losses, training and metrics."""
