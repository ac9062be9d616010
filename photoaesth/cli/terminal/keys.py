"""Single keys from the terminal, without Enter; and what else it sends, as it comes."""

import codecs
import contextlib
import sys
import time
from collections.abc import Iterator

from photoaesth.errors import PhotoaesthError

_NO_KEYBOARD = "cannot read keys: standard input is not a terminal; run this command in one"

if sys.platform == "win32":
    import ctypes
    import msvcrt

    _POLL_S = 0.01
    _STDIN_HANDLE, _STDOUT_HANDLE = -10, -11
    _VIRTUAL_TERMINAL = 0x0004  # without it older consoles print escape codes as they are
    _VIRTUAL_TERMINAL_INPUT = 0x0200  # without it Windows Terminal 1.22 drops the ESC of answers
    _SCAN_CODES = {"H": "up", "P": "down", "K": "left", "M": "right"}
    _CONTROLS = {"\r": "enter", "\n": "enter", "\x1b": "escape", "\x04": "eof", "\x1a": "eof"}

    _unread: list[str] = []

    @contextlib.contextmanager
    def raw_terminal() -> Iterator[None]:
        """Let `read_key` work: on Windows the console only has to understand escape codes.

        Raises:
            PhotoaesthError: standard input is not a terminal.
        """
        if not sys.stdin.isatty():
            raise PhotoaesthError(_NO_KEYBOARD)
        try:
            with _console_mode(_STDOUT_HANDLE, _VIRTUAL_TERMINAL):
                yield
        finally:
            _unread.clear()

    def answers_readable() -> contextlib.AbstractContextManager[None]:
        """Let the terminal's answers through as they are; keys do not have their names inside."""
        return _console_mode(_STDIN_HANDLE, _VIRTUAL_TERMINAL_INPUT)

    @contextlib.contextmanager
    def _console_mode(handle_number: int, mode: int) -> Iterator[None]:
        console = ctypes.windll.kernel32
        handle = console.GetStdHandle(handle_number)
        before = ctypes.c_uint32()
        console.GetConsoleMode(handle, ctypes.byref(before))
        console.SetConsoleMode(handle, before.value | mode)
        try:
            yield
        finally:
            console.SetConsoleMode(handle, before.value)

    def read_raw(timeout_s: float) -> str:
        """Wait for input and return all that has come; see the POSIX version of this function."""
        deadline = time.monotonic() + timeout_s
        while not _pending() and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        characters = []
        while _pending():
            characters.append(_next_character())
        return "".join(characters)

    def unread(text: str) -> None:
        """Let `read_key` find this first; not what follows an ESC, which is no key of Windows."""
        _unread.extend(text.partition("\x1b")[0])

    def _pending() -> bool:
        return bool(_unread) or msvcrt.kbhit()

    def _next_character() -> str:
        return _unread.pop(0) if _unread else msvcrt.getwch()

    def read_key(timeout_s: float | None = None) -> str:
        """Wait for one key; the names are those of the POSIX version of this function."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            if _pending():
                if key := _next_key():
                    return key
            elif deadline is not None and time.monotonic() >= deadline:
                return ""
            else:
                time.sleep(_POLL_S)

    def _next_key() -> str:
        character = _next_character()
        if character == "\x03":  # getwch takes Ctrl-C before Python sees it
            raise KeyboardInterrupt
        # U+00E0 is both the prefix of a special key and the letter à: the prefix never stands alone
        if character == "\x00" or (character == "\xe0" and _pending()):
            return _SCAN_CODES.get(_next_character(), "")
        return _CONTROLS.get(character, character)

else:
    import os
    import select
    import termios
    import tty

    _STDIN = 0
    _SEQUENCE_TIMEOUT_S = 0.1  # the bytes of one key arrive together, over a slow line nearly so
    _CONTROLS = {"\r": "enter", "\n": "enter", "\x04": "eof", "\x1a": "suspend"}
    _ARROWS = {b"A": "up", b"B": "down", b"C": "right", b"D": "left"}
    _SEQUENCES = {b"[" + final: name for final, name in _ARROWS.items()}
    _SEQUENCES |= {b"O" + final: name for final, name in _ARROWS.items()}
    _SEQUENCES[b"OM"] = "enter"  # of the numeric keypad
    _AT_ONCE = 4096  # bytes, more than any terminal's answers

    _unread = bytearray()

    @contextlib.contextmanager
    def raw_terminal() -> Iterator[None]:
        """Deliver keys one by one and unechoed while the block runs.

        Ctrl-C still raises KeyboardInterrupt; Ctrl-Z becomes the key "suspend", so that whoever
        draws on the screen can tidy up first. The terminal is restored however the block ends,
        and keys nobody read are dropped rather than left for the shell.

        Raises:
            PhotoaesthError: standard input is not a terminal.
        """
        if not os.isatty(_STDIN):
            raise PhotoaesthError(_NO_KEYBOARD)
        before = termios.tcgetattr(_STDIN)
        try:
            tty.setcbreak(_STDIN, termios.TCSADRAIN)
            settings = termios.tcgetattr(_STDIN)
            settings[tty.CC][termios.VSUSP] = os.fpathconf(_STDIN, "PC_VDISABLE").to_bytes()
            termios.tcsetattr(_STDIN, termios.TCSADRAIN, settings)
            yield
        finally:
            _unread.clear()
            with contextlib.suppress(termios.error):  # the window may be gone
                termios.tcsetattr(_STDIN, termios.TCSAFLUSH, before)

    def answers_readable() -> contextlib.AbstractContextManager[None]:
        """Let the terminal's answers through as they are: nothing is in their way."""
        return contextlib.nullcontext()

    def read_raw(timeout_s: float) -> str:
        """Wait for input, inside `raw_terminal`, and return all that has come.

        Returns:
            One character, U+0000 to U+00FF, for every byte; "" after `timeout_s` and when nothing
            more can come.

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        if _unread:
            text = _unread.decode("latin-1")
            _unread.clear()
            return text
        if not _arrives(timeout_s):
            return ""
        return _read_bytes(_AT_ONCE).decode("latin-1")

    def unread(text: str) -> None:
        """Let `read_key` find this first: what `read_raw` returned and was not meant for it."""
        _unread.extend(text.encode("latin-1"))

    def read_key(timeout_s: float | None = None) -> str:
        """Wait for one key, inside `raw_terminal`.

        Keys without a name here (F5, Alt-x, a terminal's reports) are swallowed whole, and the
        wait goes on.

        Args:
            timeout_s: the longest wait in seconds; None waits for ever.

        Returns:
            "left", "right", "up", "down", "enter", "escape", "suspend", the character typed,
            "eof" when nothing more can come (also Ctrl-D), or "" after `timeout_s`.

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            byte = _read_byte(None if deadline is None else deadline - time.monotonic())
            if byte is None:
                return ""
            if not byte:
                return "eof"
            key = _read_sequence() if byte == b"\x1b" else _read_character(byte)
            if key:
                return key

    def _read_byte(timeout_s: float | None) -> bytes | None:
        """Return the next byte, b"" at the end of the input, None after `timeout_s`.

        One byte at a time leaves the rest of a paste in the terminal's queue, where the next
        call finds it. A resize does not disturb it: Python resumes both calls after a signal.
        """
        if _unread:
            return bytes([_unread.pop(0)])
        return _read_bytes(1) if _arrives(timeout_s) else None

    def _arrives(timeout_s: float | None) -> bool:
        wait_s = None if timeout_s is None else max(0.0, timeout_s)
        return bool(select.select([_STDIN], [], [], wait_s)[0])

    def _read_bytes(most: int) -> bytes:
        try:
            return os.read(_STDIN, most)
        except OSError:  # the terminal hung up
            return b""

    def _read_character(first: bytes) -> str:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(first)
        while not text:
            byte = _read_byte(_SEQUENCE_TIMEOUT_S)
            text = decoder.decode(byte or b"", final=not byte)
        return _CONTROLS.get(text[-1], text[-1])

    def _read_sequence() -> str:
        """Read what follows ESC and return the key's name, "" for one without a name.

        ECMA-48, 5.4 (control sequences) and 5.6 (control strings).
        """
        introducer: bytes | None = b"\x1b"
        while introducer == b"\x1b":  # more than one: Escape again, or Alt with an arrow key
            introducer = _read_byte(_SEQUENCE_TIMEOUT_S)
        if not introducer:
            return "escape"
        if introducer in {b"[", b"O"}:
            return _SEQUENCES.get(introducer + _read_final_byte(), "")
        if introducer in {b"]", b"P", b"X", b"^", b"_"}:
            _skip_string()
        else:
            _read_character(introducer)  # Alt with a character
        return ""

    def _read_final_byte() -> bytes:
        """Read to the end of a control sequence; its parameters, such as Shift, do not matter."""
        byte = _read_byte(_SEQUENCE_TIMEOUT_S)
        if byte == b"[":  # the Linux console sends ESC [ [ A for F1
            _read_byte(_SEQUENCE_TIMEOUT_S)
            return b""
        while byte and b"\x20" <= byte < b"\x40":
            byte = _read_byte(_SEQUENCE_TIMEOUT_S)
        return byte or b""

    def _skip_string() -> None:
        previous = b""
        while (byte := _read_byte(_SEQUENCE_TIMEOUT_S)) and byte != b"\x07":
            if previous + byte == b"\x1b\\":
                return
            previous = byte
