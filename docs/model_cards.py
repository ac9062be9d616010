"""A hook of mkdocs: model cards lie beside the weights they describe, and are pages of the site."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_CARDS = {
    "../photoaesth/learning/weights/MODEL_CARD.md": "model-card-scores.md",
    "../photoaesth/enhance/policy/MODEL_CARD.md": "model-card-edits.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the model cards to the pages."""
    for source, page in _CARDS.items():
        path = Path(config.docs_dir, source)
        files.append(File.generated(config, page, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to the cards to their pages."""
    for source, name in _CARDS.items():
        markdown = markdown.replace(f"]({source}", f"]({name}")
    return markdown
