"""Point badges, setup cells, links and READMEs at where the course is published."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import quote

from nbformat import NotebookNode

from .command import make_parser
from .notebook import (
    ROOT,
    is_untranslated,
    list_notebooks,
    parse_notebook,
    replace_file,
    write_notebook,
)

NAME = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}/(?!\.{1,2}$)[\w.-]{1,100}", re.A)
REF = re.compile(r"(?!.*(?:\.\.|//|\.lock$|[/.]$))[A-Za-z0-9][\w./-]*", re.A)

SETUP = re.compile(r'(?m)^GET = "[^"]*".*$')
COLAB = "https://colab.research.google.com/github/"
BADGE = r"\[!\[[^\]]*\]\([^)\s]*\)\]\([^)\s]*\)"
TITLE = re.compile(rf"\A(# .*\n)\n(?:{BADGE}\n\n)?")
ROW = re.compile(rf"(?m)^(\| \[\w+\]\((?P<place>[\w./]+\.ipynb)\))(?: {BADGE})?")
PART = r"(?s)(<!-- {0} -->\n).*?(<!-- /{0} -->)"
# Colab follows no link from one file of a repository to another: beside each stands one
# that it does follow.
LINK = re.compile(r"\]\((?![a-z]+:|[#/])([^)\s#?]+\.ipynb)[^)]*\)")
BESIDE = re.compile(rf" \(\[Colab\]\({re.escape(COLAB)}[^)]*\)\)")
COLAB_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
BINDER_BADGE = "https://mybinder.org/badge_logo.svg"
START = "notebooks/01_requires_grad.ipynb"


@dataclass(frozen=True)
class Origin:
    """Hold where the course is published: a repository on GitHub and a ref in it.

    Raises ValueError if they cannot be names there.
    """

    repo: str
    ref: str = "main"

    def __post_init__(self):
        if not NAME.fullmatch(self.repo) or self.repo.endswith(".git"):
            raise ValueError(
                f"{self.repo!r} names no repository; give OWNER/REPO as in "
                "https://github.com/OWNER/REPO."
            )
        if not REF.fullmatch(self.ref):
            raise ValueError(f"{self.ref!r} names no branch and no tag.")

    def setup(self) -> str:
        """Return the line of the setup cell that tells where the helpers come from."""
        clone = f"git clone --depth 1 -b {self.ref} https://github.com/{self.repo}"
        line = f'GET = "{clone}"'
        return line if len(line) <= 88 else f"{line}  # noqa: E501"

    def colab(self, place: str) -> str:
        """Return the address of a notebook in Colab; `place` is its path."""
        return f"{COLAB}{self.repo}/blob/{self.ref}/{place}"

    def badge(self, place: str) -> str:
        """Return the badge that opens a notebook in Colab."""
        return f"[![Open in Colab]({COLAB_BADGE})]({self.colab(place)})"

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


def publish_file(path: Path, origin: Origin, root: Path) -> str:
    """Return the text that a file ought to have; raise ValueError if it has no room."""
    publish = publish_notebook if path.suffix == ".ipynb" else publish_readme
    return publish(path.read_text("utf-8"), path.relative_to(root).as_posix(), origin)


def publish_notebook(text: str, place: str, origin: Origin) -> str:
    notebook = parse_notebook(text)
    if waiting := [cell.id for cell in notebook.cells if is_untranslated(cell)]:
        raise ValueError(
            f"{place} is not translated yet in {', '.join(waiting)}, so nothing is "
            "changed; translate that first."
        )
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = stamp_links(withdraw(cell.source), place, origin)
    for kind, pattern, new, what in (
        ("markdown", TITLE, rf"\1\n{origin.badge(place)}\n\n", "title"),
        ("code", SETUP, origin.setup(), "line `GET = …` in its setup cell"),
    ):
        cells = [cell for cell in notebook.cells if cell.cell_type == kind]
        cell = cells[0] if cells else NotebookNode(source="")
        cell.source = substitute(pattern, new, cell.source, f"{place} has no {what}")
    return write_notebook(notebook)


def stamp_links(source: str, place: str, origin: Origin) -> str:
    """Put beside each link to another notebook one that Colab follows."""

    def stamp(link: re.Match) -> str:
        there = normpath(join(dirname(place), link[1]))
        return f"{link[0]} ([Colab]({origin.colab(there)}))"

    return LINK.sub(stamp, source)


def withdraw(source: str) -> str:
    """Return what a cell said before it was published."""
    return BESIDE.sub("", TITLE.sub(r"\1\n", source))


def publish_readme(text: str, name: str, origin: Origin) -> str:
    def with_badge(row: re.Match) -> str:
        return f"{row[1]} {origin.badge((Path(name).parent / row['place']).as_posix())}"

    text = substitute(ROW, with_badge, text, f"{name} has no table of notebooks")
    parts = {"binder": origin.binder(), "class": origin.nbgitpuller()}
    for part, said in parts.items() if name == "README.md" else ():
        pattern = re.compile(PART.format(part))
        problem = f"{name} has no `<!-- {part} -->`"
        text = substitute(pattern, rf"\1{said}\2", text, problem)
    return text


def substitute(pattern: re.Pattern, new, text: str, problem: str) -> str:
    changed, count = pattern.subn(new, text)
    if not count:
        raise ValueError(f"{problem}, so nothing is changed; mend that first.")
    return changed


def list_files(root: Path) -> list[Path]:
    """Return all that names its origin: every notebook and the READMEs."""
    readmes = [root / "README.md", *sorted((root / "notebooks").rglob("README.md"))]
    return [*readmes, *list_notebooks(root / "notebooks")]


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Publish, or say what that would change; give the exit status."""
    check = "write nothing; fail and list the files that would change"
    parser = make_parser("publish", __doc__, check=check)
    parser.add_argument("origin", metavar="OWNER/REPO", help="on GitHub")
    parser.add_argument("--ref", default="main", help="a branch or tag; main if absent")
    options = parser.parse_args(arguments)
    try:
        origin = Origin(options.origin, options.ref)
        # All new texts before the first is written: everything changes or nothing.
        texts = {path: publish_file(path, origin, root) for path in list_files(root)}
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    changed = [path for path in texts if path.read_text("utf-8") != texts[path]]
    for path in changed:
        if not options.check:
            replace_file(path, texts[path].encode())
        print(path.relative_to(root).as_posix())
    verb = "would change" if options.check else "changed"
    print(f"{len(changed)} of {len(texts)} files {verb};", end=" ")
    print(f"all name {origin.repo} at {origin.ref}.")
    return int(options.check and bool(changed))
