"""`photoaesth rerank`."""

from typing import Annotated, Any

import typer

from photoaesth.cli.console import note, plural, print_json
from photoaesth.cli.help import Command
from photoaesth.cli.local_page import serve_page
from photoaesth.cli.options import Settings, global_options


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("rerank", cls=Command)(_rerank)


@global_options
def _rerank(
    settings: Settings,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, metavar="N", help="Port of the page [default: any free one]."
        ),
    ] = None,
) -> None:
    """Put the photos of your last round in order.

    The photos that you retouched last are shown on a local page as they were before, to be rated
    anew and put in order, the best first. The order and the ratings are stored together.

    Example: photoaesth rerank
    """
    from photoaesth.workflows.retouch import RerankSession, rerank_session

    def make_page(session: Any, stop: Any) -> Any:
        from photoaesth.web.rerank import RerankPage

        return RerankPage(session, stop)

    def summary(session: RerankSession) -> tuple[bool, int]:
        return session.stored, session.altogether

    session = rerank_session(settings.library, settings.profile)
    stored, altogether = serve_page(
        settings, session, make_page, summary, doing="Reranking", port=port
    )
    if settings.json:
        print_json({"stored": stored, "altogether": altogether})
        return
    said = "The order is stored" if stored else "No order was stored"
    typer.echo(f"{said}; {plural(altogether, 'order')} altogether.")
    if stored:
        note(settings, "Next: photoaesth train")
