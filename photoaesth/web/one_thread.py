"""Something that only one thread may touch, called from a server's event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Generic, Self, TypeVar

Held = TypeVar("Held")
Result = TypeVar("Result")


class OneThread(Generic[Held]):
    """Opens a context, calls what it holds and closes it, all in one thread of its own.

    SQLite's connections demand that, and calls in a row cannot meet halfway.

    Args:
        context: entered and left in that thread, with what went wrong in the block.
    """

    def __init__(self, context: AbstractContextManager[Held]) -> None:
        self._context = context
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="session")

    def __enter__(self) -> Self:
        try:
            self._held = self._executor.submit(self._context.__enter__).result()
        except BaseException:
            self._executor.shutdown()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        try:
            leave = self._executor.submit(self._context.__exit__, kind, error, traceback)
            return leave.result()
        finally:
            self._executor.shutdown()

    def do(self, function: Callable[[Held], Result]) -> Result:
        """Return what the function makes of it; waits."""
        return self._executor.submit(function, self._held).result()

    async def call(self, function: Callable[[Held], Result]) -> Result:
        """Return what the function makes of it; others run meanwhile."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, function, self._held)
