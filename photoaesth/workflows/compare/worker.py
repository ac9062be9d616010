"""One thread that does what is urgent first."""

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Worker:
    """Runs calls one after the other in a thread of its own: urgent ones first, each in order.

    `concurrent.futures` has no executor with priorities.
    """

    def __init__(self, name: str) -> None:
        self._calls: queue.PriorityQueue[tuple[int, int, Callable[[], None] | None]]
        self._calls = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Call something before everything that can wait."""
        return self._put(0, call, *args, **kwargs)

    def submit_later(
        self, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> Future[_T]:
        """Call something once nothing urgent waits."""
        return self._put(1, call, *args, **kwargs)

    def finish(self) -> None:
        """Wait until all calls are done, and end the thread."""
        self._calls.put((2, next(self._numbers), None))
        self._thread.join()

    def _put(
        self, urgency: int, call: Callable[..., _T], *args: object, **kwargs: object
    ) -> Future[_T]:
        future: Future[_T] = Future()

        def run() -> None:
            try:
                future.set_result(call(*args, **kwargs))
            except BaseException as error:  # it belongs to whoever waits for it
                future.set_exception(error)

        self._calls.put((urgency, next(self._numbers), run))
        return future

    def _work(self) -> None:
        while (call := self._calls.get()[2]) is not None:
            call()
