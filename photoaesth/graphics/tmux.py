"""What is meant for the terminal around tmux."""


def past_tmux(sequence: str) -> str:
    """Wrap an escape sequence so that tmux hands it on, which its `allow-passthrough` permits.

    https://github.com/tmux/tmux/wiki/FAQ, "What is the passthrough escape sequence".
    """
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
