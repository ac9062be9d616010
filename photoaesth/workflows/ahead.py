"""Doing things in threads, ahead of whoever takes the results."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from photoaesth.processes import available_cores

_AHEAD = 32  # files; what they leave in memory is some 330 kB each

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def read_ahead(
    files: Sequence[_Item], read: Callable[[_Item], _Result]
) -> Generator[_Result, None, None]:
    """Yield results in order while threads read a bounded number of files ahead.

    Closing the generator ends the threads once each is done with the file in hand.
    """
    workers = available_cores()
    waiting: deque[Future[_Result]] = deque()
    executor = ThreadPoolExecutor(workers, thread_name_prefix="read")
    try:
        for file in files:
            waiting.append(executor.submit(read, file))
            if len(waiting) >= _AHEAD + workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(cancel_futures=True)
