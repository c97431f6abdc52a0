"""The notebooks as learners meet them: in JupyterLab, unrun, and as a static page.

Run by `pytest -m browser`; a folder named in SCREENSHOTS keeps what was seen.
"""

import contextlib
import json
import os
from pathlib import Path

import nbformat
import pytest
import torch

from helpers.authoring.notebook import NOTEBOOKS, find_questions, parse_notebook
from helpers.authoring.spoilers import (
    Seen,
    find_followers,
    find_predictions,
    find_told,
    write_plainly,
)
from helpers.checking import progress
from helpers.drawing.player import play, read_image
from helpers.lessons import LESSONS
from helpers.lessons.model import Prediction
from helpers.live import STILL, WIDGET_VIEW
from helpers.tests.browser.chromium import chromium, new_page
from helpers.tests.browser.lab import PANEL, Lab
from helpers.tests.browser.server import ROOT, jupyter_lab
from helpers.tests.drawing.test_contrast import contrast
from helpers.tests.notebooks.pages import BOOKS, PATHS, code, plain

pytestmark = pytest.mark.browser
THEMES = ("light", "dark")
PLACES = [path.relative_to(ROOT) for path in PATHS]
FILES = sorted(path.relative_to(ROOT) for path in NOTEBOOKS.rglob("*.ipynb"))
NARROW = 1000  # CSS pixels: a small laptop's window beside its bars
WALK = Path("notebooks/02_backward.ipynb")
CHINESE = Path("notebooks/zh/02_backward.ipynb")
ALL_SCORES = "show_scoreboard()"
DIE = """\
import os, signal, threading, torch
guess, x = 3, torch.ones(1)
threading.Timer(1, os.kill, (os.getpid(), signal.SIGKILL)).start()
while True:
    {check}
"""
WIDE = """\
from helpers import play
x = torch.ones(2, requires_grad=True)
{show}(torch.stack([x[k % 2] * k for k in range(2, 32)]).sum(), fold=False)
"""
SCORES = {"en": ("0 of", "1 of"), "zh": ("答对 0 题", "答对 1 题")}
READY = {"en": "Ready.", "zh": "准备好了。"}
STATIC = {"light": ("classic", "light"), "dark": ("lab", "dark")}
names = pytest.mark.parametrize("place", PLACES, ids=lambda path: path.stem)


def name_of(place) -> str:
    return place.stem + "-zh" * (place.parent.name == "zh")


both_editions = pytest.mark.parametrize("place", FILES, ids=name_of)
themes = pytest.mark.parametrize("theme", THEMES)


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def servers(browser):
    with jupyter_lab("light") as light, jupyter_lab("dark") as dark:
        yield {"light": light, "dark": dark}


@pytest.fixture
def pages(browser):
    """Return a function that opens pages; all are closed in the end."""
    with contextlib.ExitStack() as stack:
        yield lambda *what, **options: stack.enter_context(
            new_page(browser, *what, **options)
        )


@pytest.fixture
def open_lab(pages, servers, request):
    """Return a function that opens a notebook in JupyterLab."""

    def open_notebook(place, theme="light", width=1200, book=None):
        servers[theme].begin_afresh(place, book)
        lab = Lab(pages(width, theme), servers[theme].address)
        request.addfinalizer(lab.close)
        lab.open(place)
        return lab

    return open_notebook


@pytest.fixture
def screenshots(tmp_path):
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# ---------------------------------------------------------------- JupyterLab


def read(place):
    return parse_notebook((ROOT / place).read_text("utf-8"))


def is_player(cell) -> bool:
    texts = (output.get("data", {}).get("text/plain", "") for output in cell.outputs)
    return any(text.startswith("▷") for text in texts)


def is_hidden(cell) -> bool:
    return bool(cell.metadata.get("jupyter", {}).get("outputs_hidden"))


def stored_pictures(cell) -> int:
    return sum("image/png" in output.get("data", {}) for output in cell.outputs)


def look_right(book, seen) -> None:
    """Check what a reader sees of each code cell of a notebook that has run."""
    for number, (cell, shown) in enumerate(zip(code(book), seen, strict=True), 1):
        assert shown["id"] == cell.id and shown["count"], cell.id
        assert not shown["hidden"], cell.id
        announced = "raises-exception" in cell.metadata.get("tags", [])
        assert ("error" in shown["kinds"]) == announced, cell.id
        assert "stderr" not in shown["kinds"] and not shown["broken"], cell.id
        assert shown["pictures"] >= stored_pictures(cell), cell.id
        assert bool(shown["sliders"]) == is_player(cell), (number, cell.id)


def predictions(cells):
    """Yield the name of each prediction, and its cell."""
    for cell in cells:
        for name in find_questions(cell):
            if isinstance(LESSONS[name], Prediction):
                yield name, cell


def question(book):
    """Return the first prediction that knows a mistake: its name, its cell, that."""
    asked = predictions(book.cells)
    name, cell = next(each for each in asked if LESSONS[each[0]].mistakes)
    return name, cell, LESSONS[name].mistakes[0]


# Every Chinese character and sign on the page that is drawn as one that no font has.
# U+0378 is assigned to nothing.
WITHOUT_A_FONT = """() => {
    const drawn = character => {
        const canvas = document.createElement('canvas');
        const pen = canvas.getContext('2d', {willReadFrequently: true});
        pen.font = '24px ' + getComputedStyle(document.body).fontFamily;
        pen.fillText(character, 10, 40);
        return pen.getImageData(0, 0, 60, 60).data.join();
    };
    const nobody = drawn('\u0378');
    const chinese = document.body.innerText.match(/[\u3000-\u9fff\uff00-\uffef]/g);
    return [...new Set(chinese)].filter(each => each.trim() && drawn(each) === nobody);
}"""


@pytest.mark.parametrize(
    ("language", "place"),
    [*(("en", place) for place in PLACES), ("zh", CHINESE)],
    ids=lambda each: getattr(each, "stem", each),
)
def test_a_learner_runs_all_guesses_moves_sliders_and_starts_again(
    language, place, open_lab, screenshots
):
    book = read(place)
    nothing, one = SCORES[language]
    lab = open_lab(place)
    look_right(book, lab.run_all())
    lab.photograph(f"{place.stem}-{language}", screenshots)

    name, cell, mistake = question(book)
    hint, title = (
        getattr(text, language) for text in (mistake.hint, LESSONS[name].title)
    )
    board = board_of(book)
    assert nothing in lab.run(board.id)
    said = lab.answer(cell.id, "guess = ...", f"guess = {plain(mistake.guesses()[0])}")
    assert said.startswith("✗") and hint.replace("`", "") in said
    lab.photograph(f"{place.stem}-{language}-wrong", screenshots)
    right = f"guess = {plain(LESSONS[name].truth)}"
    wrong = next(
        line for line in lab.source(cell.id).splitlines() if line.startswith("guess =")
    )
    assert lab.answer(cell.id, wrong, right).startswith("✓")
    scored = lab.run(board.id)
    assert one in scored and f"✓ {title}" in scored
    assert lab.page.evaluate(WITHOUT_A_FONT) == []

    lab.cell(board.id).locator(f"a[href='#cell-id={cell.id}']").click()
    assert lab.is_in_sight(cell.id)

    players_move(book, lab)

    lab.restart()
    assert "NameError" in lab.run(board.id)  # of which the how-to of notebook 1 speaks
    assert lab.run(code(book)[0].id).strip().endswith(READY[language])
    scored = lab.run(board.id)
    assert one in scored and f"✓ {title}" in scored
    look_right(book, lab.run_all())


@pytest.mark.parametrize("edition", ["", "zh"])
def test_a_verdict_leads_into_the_notebook_that_treats_the_mistake(edition, open_lab):
    lab = open_lab(Path("notebooks", edition, "03_gradient_accumulation.ipynb"))
    lab.run("setup")
    assert lab.answer("ask-used-twice", "guess = ...", "guess = 2").startswith("✗")
    link = lab.cell("ask-used-twice").locator("a")
    section = link.get_attribute("href").partition("#cell-id=")[2]
    link.click()
    lab.wait_until_open(Path(edition, "02_backward.ipynb"))
    # JupyterLab opens a notebook at its top; the link names the section.
    assert lab.source(section).startswith("## ")


def board_of(book):
    return next(each for each in code(book) if "show_scoreboard(" in each.source)


def players_move(book, lab) -> None:
    for player in filter(is_player, code(book)):
        lab.cell(player.id).locator("input").focus()
        assert lab.changes_picture(
            player.id, lambda: lab.page.keyboard.press("ArrowRight")
        ), player.id
        button = lab.cell(player.id).locator("[data-player] button").last
        assert lab.changes_picture(player.id, button.click), player.id


@names
def test_the_next_day_all_is_as_it_was_left(place, open_lab):
    """Saved, closed and opened again: first without a kernel, then with a new one."""
    book = BOOKS[place.stem]
    lab = open_lab(place)
    lab.run_all()
    name, cell, _ = question(book)
    lab.answer(cell.id, "guess = ...", f"guess = {plain(LESSONS[name].truth)}")
    lab.save()
    left = lab.seen()
    lab.close()
    lab.open(place)
    lab.stop_kernel()
    found = lab.seen()
    for before, after in zip(left, found, strict=True):
        assert after["text"] == before["text"] and not after["broken"], after["id"]
        assert after["pictures"] == before["pictures"], after["id"]
    assert "rror displ" not in str(found) and "not found" not in str(found)
    players_move(book, lab)
    lab.restart()
    lab.run(code(book)[0].id)
    board = board_of(book)
    assert f"✓ {LESSONS[name].title.en}" in lab.run(board.id)


@both_editions
@themes
def test_a_notebook_that_was_only_opened_shows_all_but_the_answers(
    place, theme, open_lab, screenshots
):
    lab, book = open_lab(place, theme, NARROW), read(place)
    lab.photograph(f"{name_of(place)}-unrun-{theme}", screenshots)
    for cell, shown in zip(code(book), lab.seen(), strict=True):
        assert len(shown["kinds"]) == len(cell.outputs) and not shown["broken"]
        assert shown["hidden"] == is_hidden(cell), cell.id
        pictures = 0 if is_hidden(cell) else stored_pictures(cell)
        assert shown["pictures"] == pictures, cell.id
        words = has_words(cell) and not is_hidden(cell)
        assert bool(shown["text"].strip()) == words, cell.id
    assert lab.too_wide() == []
    assert list(tell_answers(book.cells, lab.visible())) == []


def tell_answers(cells, visible):
    """Yield each question that is answered before the next one, and by what."""
    truths = {name: LESSONS[name].truth for name, *_ in predictions(cells)}
    for asked in find_predictions(cells, truths):
        following = find_followers(cells, asked)
        for number in range(asked.at + 1, asked.until):
            cell, near = cells[number], number < asked.end
            follows = any(cell is it for it in following)
            seen = Seen(cell, write_plainly(visible[number]), near, follows)
            if told := find_told(seen, asked):
                yield asked.name, told


def test_what_a_reader_sees_is_searched_for_answers(open_lab):
    """Guards against a search that finds nothing: once run, a page tells."""
    lab, book = open_lab(WALK), BOOKS[WALK.stem]
    lab.run_all()
    told = {name for name, _ in tell_answers(book.cells, lab.visible())}
    assert {"backward/middle", "backward/live"} <= told


def stored_alternatives(book) -> list[str]:
    return [
        output.metadata["image/png"].get("alt")
        for cell in code(book)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]


def has_words(cell) -> bool:
    return any("image/png" not in output.get("data", {}) for output in cell.outputs)


def test_a_whole_question_can_be_answered_by_the_keyboard_alone(open_lab):
    lab = open_lab(WALK)
    press = lab.page.keyboard.press
    lab.page.evaluate("() => document.activeElement.blur()")
    lab.select(BOOKS[WALK.stem].cells[0].id)
    lab.page.evaluate(
        "() => document.addEventListener('mousedown', () => { window.moused = true })"
    )
    for _ in BOOKS[WALK.stem].cells[1:]:
        press("Shift+Enter")
    press("Control+Enter")  # after the last one, Shift+Enter would make another cell
    lab.wait_for_the_last_cell()
    look_right(BOOKS[WALK.stem], lab.seen())
    name, cell, mistake = question(BOOKS[WALK.stem])
    wrong = f"guess = {plain(mistake.guesses()[0])}"
    said = lab.answer(cell.id, "guess = ...", wrong)
    assert said.startswith("✗")
    assert lab.answer(
        cell.id, wrong, f"guess = {plain(LESSONS[name].truth)}"
    ).startswith("✓")
    player = next(filter(is_player, code(BOOKS[WALK.stem])))
    lab.select(player.id)
    lab.tab_to("[data-player] input")
    assert lab.changes_picture(player.id, lambda: press("ArrowRight"))
    lab.tab_to("[data-player] button:last-child")
    assert lab.changes_picture(player.id, lambda: press("Enter"))
    assert not lab.page.evaluate("() => window.moused ?? false")


# ---------------------------------------------------------------- the player


@pytest.fixture
def player(monkeypatch):
    """Return a player as a learner's kernel shows it."""
    monkeypatch.delenv(STILL, raising=False)
    x = torch.arange(4.0, requires_grad=True)
    return play(2 * torch.dot(x, x))


@themes
def test_a_player_of_a_stranger_is_a_picture_without_controls(
    theme, player, servers, open_lab, screenshots
):
    """JupyterLab runs no script in a notebook that this user has not run."""
    shown = nbformat.v4.new_output("execute_result", player._repr_mimebundle_())
    cell = nbformat.v4.new_code_cell("play(y)", id="p", outputs=[shown])
    metadata = BOOKS[WALK.stem].metadata
    book = nbformat.v4.new_notebook(cells=[cell], metadata=metadata)
    lab = open_lab(Path("notebooks/stranger.ipynb"), theme, book=book)
    lab.photograph(f"stranger-{theme}", screenshots)
    assert [(each["pictures"], each["broken"]) for each in lab.seen()] == [(1, 0)]
    still = read_image(player.still())
    assert lab.picture("p") == still.src
    picture = lab.cell("p").locator("img")
    assert picture.get_attribute("alt") == still.alt
    assert round(picture.bounding_box()["width"]) == still.width
    controls = ".jp-OutputArea :is(input, button:not(.jp-Button), output)"
    assert lab.cell("p").locator(controls).count() == 0
    assert lab.visible() == [""]  # the text of the script neither


@themes
def test_a_wide_picture_and_its_player_fit_the_page(theme, open_lab, screenshots):
    lab = open_lab(WALK, theme, NARROW)
    lab.run(code(BOOKS[WALK.stem])[0].id)
    cell = next(filter(is_player, code(BOOKS[WALK.stem])))
    for name, show in (("player", "play"), ("still", "show_graph")):
        lab.answer(cell.id, lab.source(cell.id), WIDE.format(show=show))
        lab.wait_for_pictures()
        lab.page.screenshot(path=screenshots / f"wide-{name}-{theme}.png")
        picture = lab.cell(cell.id).locator(".jp-OutputArea-output img")
        assert picture.evaluate("it => it.naturalWidth > 2.2 * it.clientWidth")
        assert lab.too_wide() == []


# ---------------------------------------------------------------- the quiz


OF_QUIZ = {
    "en": ("Question 1 of 3", "is the value of v itself", "Question 2 of 3"),
    "zh": ("第 1 题，共 3 题", "是 v 自己的值", "第 2 题，共 3 题"),
}
SENDS = {"en": "result sends 1 to Mul", "zh": "result 把 1 送给 Mul"}
FIELD, BUTTON = ".widget-text input", ".widget-button:last-child"


@pytest.fixture
def quiz(open_lab):
    """Return a function that runs the quiz of a notebook, in a narrow window."""

    def open_quiz(place, theme):
        lab = open_lab(place, theme, NARROW)
        for cell in ("setup", "claim-code", "quiz"):
            lab.run(cell)
        lab.cell("quiz").locator(FIELD).wait_for()
        return lab

    return open_quiz


@pytest.mark.parametrize(
    ("language", "place", "theme"),
    [("en", WALK, "light"), ("zh", CHINESE, "light"), ("en", WALK, "dark")],
)
def test_a_quiz_is_answered_by_the_keyboard_alone(
    language, place, theme, quiz, servers, screenshots
):
    lab = quiz(place, theme)
    first, named, second = OF_QUIZ[language]
    shown = lab.cell("quiz").locator(".jp-OutputArea-output")
    press = lab.page.keyboard.press
    lab.page.evaluate(
        "() => document.addEventListener('mousedown', () => { window.moused = true })"
    )

    def answer(given, *expected):
        press("Control+a")
        lab.page.keyboard.insert_text(given)
        press("Enter")
        for words in expected:
            shown.filter(has_text=words).wait_for()
        lab.page.screenshot(path=screenshots / f"quiz-{language}-{theme}-{given}.png")

    lab.select("quiz")
    lab.tab_to(FIELD)
    answer("10", first, "✗", named)
    answer("77", "✗", SENDS[language])
    answer("4", "✓")
    assert violations(lab.page, ".jp-OutputArea .widget-vbox") == []
    assert lab.too_wide() == []
    lab.tab_to(BUTTON)
    press("Enter")
    shown.filter(has_text=second).wait_for()
    assert "✓" not in shown.inner_text()
    assert not lab.page.evaluate("() => window.moused ?? false")

    lab.run("scoreboard")
    shown.filter(has_text="✓").wait_for()
    assert lab.cell("quiz").locator(FIELD).count() == 0
    lab.save()
    stored = (servers[theme].course / place).read_text("utf-8")
    assert WIDGET_VIEW not in stored and "widgets" not in json.loads(stored)["metadata"]


# ---------------------------------------------------------------- the progress


def test_kernels_share_what_is_right_and_one_that_is_killed_loses_nothing(
    servers, pages, open_lab
):
    """Two notebooks at once; then the second kernel dies in the middle of a check."""
    first, second = WALK, Path("notebooks/01_requires_grad.ipynb")
    labs = {first: open_lab(first)}
    labs[second] = Lab(pages(), servers["light"].address)
    labs[second].open(second)
    boards = {place: board_of(BOOKS[place.stem]).id for place in labs}
    for place, lab in labs.items():
        lab.run(code(BOOKS[place.stem])[0].id)
        name, cell, _ = question(BOOKS[place.stem])
        right = f"guess = {plain(LESSONS[name].truth)}"
        assert lab.answer(cell.id, "guess = ...", right).startswith("✓")
    for place, lab in labs.items():
        shown = lab.answer(boards[place], lab.source(boards[place]), ALL_SCORES)
        assert shown.startswith("2 of")
        assert f"○ {first.stem} (1 of" in shown and f"○ {second.stem} (1 of" in shown

    lab = labs[second]
    _, cell, _ = question(BOOKS[second.stem])
    lab.die(cell.id, DIE.format(check=lab.source(cell.id).splitlines()[-1]))
    lab.run(code(BOOKS[second.stem])[0].id)
    assert lab.run(boards[second]).startswith("2 of")
    kept = (servers["light"].course / "notebooks" / progress.NAME).read_text()
    lines = [line for line in kept.splitlines() if line]
    assert len(lines) > 20 and sum(not is_json(line) for line in lines) <= 1

    lab.cell(boards[second]).locator("a", has_text=first.stem).click()
    lab.page.wait_for_function(f"() => {PANEL}?.context?.path === '{first.name}'")


def is_json(line) -> bool:
    try:
        return bool(json.loads(line))
    except ValueError:
        return False


# ---------------------------------------------------------------- a static page


@pytest.fixture(scope="module")
def static(tmp_path_factory):
    """Render the stored notebooks as GitHub and nbviewer do: nothing is run."""
    from nbconvert import HTMLExporter

    folder = tmp_path_factory.mktemp("static")
    for place in FILES:
        for theme, (template, colours) in STATIC.items():
            exporter = HTMLExporter(template_name=template, theme=colours)
            text, _ = exporter.from_filename(str(ROOT / place))
            (folder / f"{name_of(place)}-{theme}.html").write_text(text, "utf-8")
    return folder


LOADED = (
    "() => [...document.images].map(i => [i.naturalWidth, i.alt, i.src.slice(0, 5)])"
)
WIDTH = "() => document.scrollingElement.scrollWidth"
BARS = """() => [...document.querySelectorAll('*')]
    .filter(node => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0
        && ['auto', 'scroll'].includes(getComputedStyle(node).overflowX))
    .map(node => node.className + ': ' + node.innerText.slice(0, 80))"""


@both_editions
@themes
def test_a_static_page_needs_no_script_and_shows_everything(
    place, theme, pages, static, screenshots
):
    page = pages(NARROW, theme, java_script_enabled=False)
    page.goto(f"file://{static}/{name_of(place)}-{theme}.html")
    book = read(place)
    pictures = page.evaluate(LOADED)
    assert len(pictures) == sum(map(stored_pictures, code(book)))
    assert all(width > 0 and source == "data:" for width, _, source in pictures)
    if theme == "light":  # the template of the dark page takes no alternative
        alternatives = [alternative for _, alternative, _ in pictures]
        assert alternatives == stored_alternatives(book) and all(alternatives)
    text = page.evaluate("() => document.body.innerText")
    assert "Error displaying widget" not in text and "odel not found" not in text
    assert page.evaluate(WIDTH) <= NARROW and page.evaluate(BARS) == []
    page.screenshot(
        path=screenshots / f"{name_of(place)}-static-{theme}.png", full_page=True
    )


def test_no_notebook_holds_a_widget():
    for place in FILES:
        stored = (ROOT / place).read_text("utf-8")
        assert "widgets" not in json.loads(stored)["metadata"]
        assert "application/vnd.jupyter.widget" not in stored


# ---------------------------------------------------------------- for everybody


# Not ours: the colours of code, prompts, keys and links, and the pictures of
# JupyterLab, which take no alternative; the sentence below a picture stands in.
FOREIGN = (".highlight", ".cm-editor", ".prompt", "kbd")
FOREIGN += (".jp-RenderedImage img",)
LINKS = {"rules": {"link-in-text-block": {"enabled": False}}}


def violations(page, part: str) -> list[str]:
    """Return what axe-core finds wrong in a part of a page, and where."""
    from axe_playwright_python.sync_playwright import Axe

    context = {"include": [part], "exclude": list(FOREIGN)}
    found = Axe().run(page, context=context, options=LINKS).response["violations"]
    return [
        f"{each['id']} ({each['help']}): {node['html'][:300]}"
        for each in found
        for node in each["nodes"]
    ]


@both_editions
@themes
def test_axe_finds_nothing_wrong_on_the_static_page(place, theme, pages, static):
    page = pages(NARROW, theme)
    page.goto(f"file://{static}/{name_of(place)}-{theme}.html")
    assert violations(page, "body") == []


# Every text in an output of ours, its colour and the colour behind it, from 0 to 1.
COLOURS = """() => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const ground = node => {
        const [r, g, b, a = 1] = parts(getComputedStyle(node).backgroundColor);
        return a === 1 ? [r, g, b] : ground(node.parentElement);
    };
    const own = node => [...node.childNodes].filter(each => each.nodeType === 3)
        .map(each => each.textContent.trim()).join('');
    return [...document.querySelectorAll('.jp-RenderedHTML *')].filter(own)
        .map(node => [own(node), parts(getComputedStyle(node).color), ground(node)])
        .map(([words, ...colours]) =>
            [words, ...colours.map(colour => colour.slice(0, 3).map(x => x / 255))]);
}"""


@themes
def test_axe_finds_nothing_wrong_in_what_our_cells_show(theme, open_lab):
    lab = open_lab(WALK, theme)
    lab.run_all()
    _, cell, mistake = question(BOOKS[WALK.stem])
    lab.answer(cell.id, "guess = ...", f"guess = {plain(mistake.guesses()[0])}")
    assert violations(lab.page, ".jp-Notebook .jp-OutputArea") == []
    # axe-core measures no contrast inside of JupyterLab's cells.
    seen = lab.page.evaluate(COLOURS)
    assert len(seen) > 20
    for words, colour, ground in seen:
        assert contrast(colour, ground) >= (3 if len(words) == 1 else 4.5), words


def test_nbformat_finds_every_notebook_valid():
    for place in FILES:
        nbformat.validate(nbformat.read(ROOT / place, 4))
