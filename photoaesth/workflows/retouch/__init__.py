"""Collect a photographer's own edits and orders: on a page, from files, and into a file."""

from photoaesth.workflows.retouch.rerank import RerankSession, rerank_session
from photoaesth.workflows.retouch.session import RetouchSession, Task, retouch_session

__all__ = [
    "RerankSession",
    "RetouchSession",
    "Task",
    "rerank_session",
    "retouch_session",
]
