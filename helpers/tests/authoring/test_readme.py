"""What the READMEs show and say is what their code does."""

import base64

import pytest

from helpers.authoring import refresh
from helpers.authoring.notebook import NOTEBOOKS
from helpers.authoring.outputs import compare_pictures, is_pinned_matplotlib

ROOT = NOTEBOOKS.parent
PICTURE = ROOT / ".github" / "walk.png"


@pytest.mark.parametrize("readme", [ROOT, NOTEBOOKS / "zh"], ids=["en", "zh"])
def test_the_example_shows_the_graph_and_the_picture_of_the_walk(readme):
    said = (readme / "README.md").read_text("utf-8")
    graph, walk, stored = (
        base64.b64encode(png).decode()
        for png in (*refresh.run_readme(said), PICTURE.read_bytes())
    )
    assert graph != walk
    differs = is_pinned_matplotlib() and compare_pictures(stored, walk)
    assert not differs, f"walk.png {differs}; run `python -m helpers refresh README`"


def test_readme_shows_that_picture():
    place = PICTURE.relative_to(ROOT).as_posix()
    assert f'<img src="{place}"' in (ROOT / "README.md").read_text("utf-8")
