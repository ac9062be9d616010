import importlib.util
import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from photoaesth.cli.terminal import keys
from photoaesth.errors import PhotoaesthError

needs_pty = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals that Python can open"
)

SETUP = """
import signal, sys, termios
from photoaesth.cli.terminal import keys
from photoaesth.cli.terminal.keys import raw_terminal, read_key
"""
ECHO_KEYS = """
with raw_terminal():
    print("ready")
    while (key := read_key()) != "Q":
        print("key", ascii(key))
print("done")
"""


@pytest.fixture
def terminal():
    """Start Python code on a pseudo-terminal of its own."""
    import pexpect

    children = []

    def start(code: str) -> pexpect.spawn:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        child = pexpect.spawn(
            sys.executable, ["-c", SETUP + code], env=environment, timeout=20, encoding="utf-8"
        )
        child.delaybeforesend = None
        children.append(child)
        child.expect_exact("ready\r\n")
        return child

    yield start
    for child in children:
        child.close(force=True)


def keys_until_done(child) -> list[str]:
    child.expect_exact("done\r\n")
    lines = child.before.splitlines()
    return [line.removeprefix("key ").strip("'") for line in lines if line.startswith("key ")]


@needs_pty
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("\x1b[D\x1b[C\x1b[A\x1b[B", ["left", "right", "up", "down"]),
        ("\x1bOD\x1bOC\x1bOA\x1bOB", ["left", "right", "up", "down"]),
        ("\x1b[1;5D\x1b\x1b[C", ["left", "right"]),  # with Ctrl, with Alt
        ("\r\n\x1bOM", ["enter", "enter", "enter"]),
        ("=suq", ["=", "s", "u", "q"]),
        ("é山😀", ["\\xe9", "\\u5c71", "\\U0001f600"]),
        ("\x04\x1a", ["eof", "suspend"]),
        ("\x1b[15~a", ["a"]),  # F5
        ("\x1b[[Aa", ["a"]),  # F1 on the Linux console
        ("\x1b[Ha", ["a"]),  # Home
        ("\x1bqa", ["a"]),  # Alt-q is not q
        ("\x1bé\x1b山a", ["a"]),  # Alt with a character of several bytes
        ("\x1b]11;rgb:ffff/0000/0000\x07a", ["a"]),  # the terminal reports its background
        ("\x1bP1$r0m\x1b\\a", ["a"]),  # the terminal answers a query
        ("\x1b" * 3000 + "[Da", ["left", "a"]),
    ],
)
def test_what_the_terminal_sends_becomes_keys(terminal, sent, expected):
    """Sequences are one key or none, and everything else is its own character."""
    child = terminal(ECHO_KEYS)

    child.send(sent + "Q")

    assert keys_until_done(child) == expected


@needs_pty
def test_a_sequence_split_across_reads_is_one_key(terminal):
    """Over a slow line the three bytes of an arrow arrive one by one."""
    child = terminal("keys._SEQUENCE_TIMEOUT_S = 10" + ECHO_KEYS)

    for part in ("\x1b", "[", "D", "\x1b", "O", "C", "Q"):
        child.send(part)
        time.sleep(0.02)

    assert keys_until_done(child) == ["left", "right"]


@needs_pty
def test_escape_alone_is_a_key(terminal):
    """When nothing follows ESC soon, it was the Escape key, and "[" later is only a bracket."""
    child = terminal(ECHO_KEYS)

    child.send("\x1b")
    child.expect_exact("key 'escape'")
    child.send("[Q")

    assert keys_until_done(child) == ["["]


@needs_pty
def test_invalid_utf8_does_not_swallow_what_follows(terminal):
    """A byte that begins a character which never comes is replaced, and the next key counts."""
    child = terminal("keys._SEQUENCE_TIMEOUT_S = 10" + ECHO_KEYS)

    os.write(child.child_fd, b"\xff\xe5sQ")

    assert keys_until_done(child) == ["\\ufffd", "s"]


@needs_pty
def test_waiting_ends_after_the_timeout(terminal):
    """No key is the empty string; a swallowed sequence does not end the wait early."""
    child = terminal("""
import time
with raw_terminal():
    print("ready")
    started = time.monotonic()
    key = read_key(0.5)
    print("waited", ascii(key), 0.5 <= time.monotonic() - started < 5)
""")

    child.send("\x1b[15~")

    child.expect_exact("waited '' True")


@needs_pty
def test_a_resize_does_not_disturb_the_wait(terminal):
    """SIGWINCH is handled while the wait goes on, and the next key arrives."""
    # os.write, because the signal may come in the middle of a print
    handler = "import os; signal.signal(signal.SIGWINCH, lambda *_: os.write(1, b'resized'))"
    child = terminal(handler + ECHO_KEYS)

    child.setwinsize(20, 60)
    child.expect_exact("resized")
    child.send("sQ")

    assert keys_until_done(child) == ["s"]


@needs_pty
@pytest.mark.parametrize("end", ["pass", "raise ValueError", "read_key()"])
def test_the_terminal_is_restored_however_the_block_ends(terminal, end):
    """Neither an exception nor Ctrl-C leaves the shell without echo."""
    child = terminal(f"""
before = termios.tcgetattr(0)
try:
    with raw_terminal():
        local_modes = termios.tcgetattr(0)[3]
        assert not local_modes & (termios.ECHO | termios.ICANON)
        assert local_modes & termios.ISIG
        print("ready")
        {end}
except (ValueError, KeyboardInterrupt) as error:
    print("caught", type(error).__name__)
print("restored", termios.tcgetattr(0) == before)
""")
    if end == "read_key()":
        child.sendintr()
        child.expect_exact("caught KeyboardInterrupt")

    child.expect_exact("restored True")


@needs_pty
def test_unread_keys_are_not_left_for_the_shell(terminal):
    """What was typed too much does not run as a command afterwards."""
    child = terminal("""
with raw_terminal():
    print("ready")
    read_key()
    import select
    while not select.select([0], [], [], 10)[0]:
        pass
print("left over", bool(select.select([0], [], [], 0.1)[0]), flush=True)
""")

    child.send("qrm -rf important\r")

    child.expect_exact("left over False")


@needs_pty
def test_keys_that_were_given_back_do_not_outlive_the_block(terminal):
    """They belong to the screen that was shown, not to the next one."""
    child = terminal("""
with raw_terminal():
    print("ready")
    keys.unread("q")
with raw_terminal():
    print("key", ascii(read_key(0.2)), flush=True)
""")

    child.expect_exact("key ''")


@needs_pty
def test_the_end_of_the_input_is_a_key():
    """Keys from a closed pipe or a window that is gone end the session, not the wait."""
    code = SETUP + "print(read_key(), read_key(), read_key())"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    result = subprocess.run(
        [sys.executable, "-c", code],
        input="s",
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        check=True,
    )

    assert result.stdout == "s eof eof\n"


def test_without_a_terminal_the_error_says_so(monkeypatch):
    """Keys cannot come from a file; nothing is changed and the message names the reason."""
    monkeypatch.setattr(os, "isatty", lambda _: False)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))

    with pytest.raises(PhotoaesthError, match="not a terminal"), keys.raw_terminal():
        pass


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("\xe0K\xe0M\xe0H\xe0P\x00K", ["left", "right", "up", "down", "left"]),
        ("=\r\x1b\x1a", ["=", "enter", "escape", "eof"]),
        ("\x00;s", ["s"]),  # F1
        ("à", ["à"]),  # the same code as the prefix, but nothing follows
    ],
)
def test_on_windows_keys_come_from_the_console(monkeypatch, typed, expected):
    """The module loads without termios, and scan codes get the same names."""
    module = keys_on_windows(monkeypatch, typed)

    assert [module.read_key() for _ in expected] == expected
    assert module.read_key(timeout_s=0) == ""


def test_on_windows_ctrl_c_interrupts(monkeypatch):
    """The console hands Ctrl-C over as a character; it still raises KeyboardInterrupt."""
    with pytest.raises(KeyboardInterrupt):
        keys_on_windows(monkeypatch, "\x03").read_key()


def test_on_windows_input_can_be_read_as_it_comes(monkeypatch):
    """Answers of the terminal are read whole; keys that are given back come first again."""
    module = keys_on_windows(monkeypatch, "s\x1b[?61;4cl")

    text = module.read_raw(timeout_s=1)
    module.unread("s\xe0K\x1b[D")

    assert text == "s\x1b[?61;4cl"
    assert [module.read_key() for _ in range(2)] == ["s", "left"]  # no ESC comes from a key there
    assert module.read_raw(timeout_s=0) == ""


def test_on_windows_answers_arrive_with_their_escapes(monkeypatch):
    """The console is told to leave them alone, only meanwhile, its other settings kept."""
    module = keys_on_windows(monkeypatch, "")
    modes = {-10: 0x1F7}
    kernel = SimpleNamespace(
        GetStdHandle=lambda number: number,
        GetConsoleMode=lambda handle, mode: setattr(mode, "value", modes[handle]),
        SetConsoleMode=lambda handle, mode: modes.update({handle: mode}),
    )
    by_value = SimpleNamespace(c_uint32=lambda: SimpleNamespace(value=0), byref=lambda mode: mode)
    by_value.windll = SimpleNamespace(kernel32=kernel)
    monkeypatch.setattr(module, "ctypes", by_value)

    with module.answers_readable():
        assert modes == {-10: 0x3F7}

    assert modes == {-10: 0x1F7}


def keys_on_windows(monkeypatch, typed: str):
    pending = list(typed)
    console = SimpleNamespace(kbhit=lambda: bool(pending), getwch=lambda: pending.pop(0))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", console)
    for posix_only in ("termios", "tty"):
        monkeypatch.setitem(sys.modules, posix_only, None)
    specification = importlib.util.spec_from_file_location("keys_on_windows", keys.__file__)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
