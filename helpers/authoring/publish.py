"""Point badges, setup cells and READMEs at the place where the course is published.

`python -m helpers publish OWNER/REPO` does it; `--ref` names a branch or tag, `--check`
writes nothing and lists what would change.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .notebook import ROOT, list_notebooks, parse_notebook, replace_file, write_notebook

NAME = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}/(?!\.{1,2}$)[\w.-]{1,100}", re.A)
REF = re.compile(r"(?!.*(?:\.\.|//|\.lock$|[/.]$))[A-Za-z0-9][\w./-]*", re.A)

SETUP = re.compile(r'(?m)^GET = "[^"]*".*$')
COLAB = "https://colab.research.google.com/github/"
BADGE = r"\[!\[[^\]]*\]\([^)\s]*\)\]\([^)\s]*\)"
TITLE = re.compile(rf"\A(# .*\n)\n(?:{BADGE}\n\n)?")
ROW = re.compile(rf"(?m)^(\| \[\w+\]\((?P<place>[\w./]+\.ipynb)\))(?: {BADGE})?")
PART = r"(?s)(<!-- {0} -->\n).*?(<!-- /{0} -->)"
COLAB_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
BINDER_BADGE = "https://mybinder.org/badge_logo.svg"
START = "notebooks/01_requires_grad.ipynb"


class CannotPublish(Exception):
    """Say in one sentence why everything stays as it is."""


@dataclass(frozen=True)
class Origin:
    """Hold where the course is published: a repository on GitHub and a ref in it.

    Raises CannotPublish if they cannot be names there.
    """

    repo: str
    ref: str = "main"

    def __post_init__(self):
        if not NAME.fullmatch(self.repo) or self.repo.endswith(".git"):
            raise CannotPublish(
                f"{self.repo!r} names no repository; give OWNER/REPO as in "
                "https://github.com/OWNER/REPO."
            )
        if not REF.fullmatch(self.ref):
            raise CannotPublish(f"{self.ref!r} names no branch and no tag.")

    def setup(self) -> str:
        """Return the line of the setup cell that tells where the helpers come from."""
        clone = f"git clone --depth 1 -b {self.ref} https://github.com/{self.repo}"
        line = f'GET = "{clone}"'
        return line if len(line) <= 88 else f"{line}  # noqa: E501"

    def colab(self, place: str) -> str:
        """Return the badge that opens a notebook in Colab; `place` is its path."""
        address = f"{COLAB}{self.repo}/blob/{self.ref}/{place}"
        return f"[![Open in Colab]({COLAB_BADGE})]({address})"

    def binder(self) -> str:
        """Return the line with the badge that opens the course on Binder."""
        address = f"https://mybinder.org/v2/gh/{self.repo}/{quote(self.ref, safe='')}"
        address += f"?urlpath=lab/tree/{START}"
        return f"[![Open on Binder]({BINDER_BADGE})]({address})\n"

    def nbgitpuller(self) -> str:
        """Return the link that copies the course into a learner's account on a hub."""
        home = self.repo.partition("/")[2]
        address = quote(f"https://github.com/{self.repo}", safe="")
        place = quote(f"lab/tree/{home}/{START}", safe="")
        return (
            "```\nhttps://HUB/hub/user-redirect/git-pull"
            f"?repo={address}&branch={quote(self.ref, safe='')}&urlpath={place}\n```\n"
        )

    def __str__(self) -> str:
        return f"{self.repo} at {self.ref}"


# ---------------------------------------------------------------- the new texts


def publish_file(path: Path, origin: Origin, root: Path = ROOT) -> str:
    """Return the text that a notebook or README ought to have at its origin.

    Raises CannotPublish if the file lacks a place for that.
    """
    text = path.read_text("utf-8")
    folder = path.parent.relative_to(root)
    if path.suffix == ".ipynb":
        return publish_notebook(text, (folder / path.name).as_posix(), origin)
    return publish_readme(text, folder, origin)


def publish_notebook(text: str, place: str, origin: Origin) -> str:
    notebook = parse_notebook(text)
    title, setup = find_first(notebook, "markdown"), find_first(notebook, "code")
    title.source = substitute(
        TITLE, rf"\1\n{origin.colab(place)}\n\n", title.source, f"{place} has no title"
    )
    setup.source = substitute(
        SETUP,
        origin.setup(),
        setup.source,
        f"{place} has no line `GET = …` in its setup cell",
    )
    return write_notebook(notebook)


def remove_badge(source: str) -> str:
    """Return the first cell of a notebook without its badge."""
    return TITLE.sub(r"\1\n", source)


def find_first(notebook, kind: str):
    return next(cell for cell in notebook.cells if cell.cell_type == kind)


def publish_readme(text: str, folder: Path, origin: Origin) -> str:
    def with_badge(row: re.Match) -> str:
        return f"{row[1]} {origin.colab((folder / row['place']).as_posix())}"

    name = (folder / "README.md").as_posix()
    text = substitute(ROW, with_badge, text, f"{name} has no table of notebooks")
    parts = {"binder": origin.binder(), "class": origin.nbgitpuller()}
    for part, said in parts.items() if folder == Path() else ():
        text = substitute(
            re.compile(PART.format(part)),
            rf"\1{said}\2",
            text,
            f"{name} has no `<!-- {part} -->`",
        )
    return text


def substitute(pattern: re.Pattern, new: object, text: str, problem: str) -> str:
    changed, count = pattern.subn(new, text)
    if not count:
        raise CannotPublish(f"{problem}, so nothing is changed; mend that first.")
    return changed


# ---------------------------------------------------------------- the command


def list_files(root: Path = ROOT) -> list[Path]:
    """Return all that names its origin: every notebook and the READMEs."""
    readmes = [root / "README.md", *sorted((root / "notebooks").rglob("README.md"))]
    return [*readmes, *list_notebooks(root / "notebooks")]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Publish, or say what that would change; give the exit status."""
    options = parse_arguments(arguments)
    try:
        origin = Origin(options.origin, options.ref)
        # All new texts before the first is written: everything changes or nothing.
        texts = {path: publish_file(path, origin, root) for path in list_files(root)}
    except (CannotPublish, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    changed = [path for path in texts if path.read_text("utf-8") != texts[path]]
    for path in changed:
        if not options.check:
            replace_file(path, texts[path])
        print(path.relative_to(root).as_posix())
    verb = "would change" if options.check else "changed"
    print(f"{len(changed)} of {len(texts)} files {verb}; all name {origin}.")
    return int(options.check and bool(changed))


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m helpers publish",
        description="Point badges and setup cells at the place of publication.",
    )
    parser.add_argument("origin", metavar="OWNER/REPO", help="on GitHub")
    parser.add_argument("--ref", default="main", help="a branch or tag; main if absent")
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail and list the files that would change",
    )
    return parser.parse_args(arguments)
