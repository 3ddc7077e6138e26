"""The page in a real browser: nothing fetched, nothing cut off, legible, two sheets of paper."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
SAMPLES = ["drifting_fr", "eight_targets_fr", "hostile_en", "no_signal_en", "no_strategy_en", "nothing_delivered_fr"]
Rendered = Callable[[str, str], str]

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}; scripts/browser.sh installs it")

# For each piece of visible text: the contrast of its colour with the nearest opaque ground (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const rgb = text => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const part = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const c = rgb(getComputedStyle(at).backgroundColor);
      if (c[3] === 1) return c;
    }
    return [255, 255, 255, 1];
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, parent = node.parentElement;
    if (!node.data.trim() || parent.closest('title, desc') || !parent.getClientRects().length) continue;
    const style = getComputedStyle(parent), drawn = parent.closest('svg');
    const a = light(rgb(drawn ? style.fill : style.color)), b = light(ground(parent));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([node.data.trim().slice(0, 40), ratio, parseFloat(style.opacity)]);
  }
  return found;
}"""

# Boxes of the texts of each visible picture, in pixels of the screen.
BOXES = """() => [...document.querySelectorAll('svg')].filter(s => s.getClientRects().length).map(s => {
  const frame = s.getBoundingClientRect();
  return {name: s.getAttribute('aria-labelledby'), frame: [frame.left, frame.top, frame.right, frame.bottom],
    texts: [...s.querySelectorAll('text')].filter(t => t.textContent.trim()).map(t => {
      const b = t.getBoundingClientRect(); return [t.textContent, b.left, b.top, b.right, b.bottom]; })};
})"""

# The name of each picture as a screen reader would say it; empty or false where it has none.
TOLD = """() => [...document.querySelectorAll('svg, img')].map(p => p.tagName === 'IMG' ? p.alt :
  p.getAttribute('role') === 'img' && p.getAttribute('aria-labelledby').split(' ')
    .map(id => document.getElementById(id).textContent).join(' '))"""

# How many pictures of each figure are on the screen.
SEEN = """() => [...document.querySelectorAll('figure')].map(
  f => [...f.querySelectorAll('svg')].filter(s => s.getClientRects().length).length)"""

# Whether each folded finding is visible.
FOLDED = """() => [...document.querySelectorAll('details.others li')].map(i => i.getClientRects().length > 0
  && i.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(
                executable_path=str(CHROMIUM),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
        except Error as error:
            pytest.skip(f"{CHROMIUM} does not start here: {error.message.splitlines()[0]}")
        yield started
        started.close()


@pytest.fixture
def see(browser: Browser, rendered: Rendered, tmp_path: Path) -> Iterator[Callable[[str, int], tuple[Page, list[str]]]]:
    """A sample's page at a width, with what it asked for and complained about."""
    opened: list[Page] = []

    def show(name: str, width: int) -> tuple[Page, list[str]]:
        file = tmp_path / f"{name}.html"
        file.write_text(rendered(name, "html"), encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 900})
        opened.append(page)
        events: list[str] = []
        page.on("request", lambda request: events.append(f"request {request.url}"))
        page.on("console", lambda message: events.append(f"console {message.text}"))
        page.on("pageerror", lambda error: events.append(f"error {error}"))
        page.goto(file.as_uri())
        return page, events

    yield show
    for page in opened:
        page.close()


See = Callable[[str, int], tuple[Page, list[str]]]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_asks_for_nothing_and_complains_of_nothing(see: See, name: str) -> None:
    _, events = see(name, 1200)
    assert [event for event in events if not event.startswith("request file://")] == []
    assert len(events) == 1


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_scrolls_sideways(see: See, name: str, width: int) -> None:
    page, _ = see(name, width)
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [390, 1200])
def test_all_text_has_contrast(see: See, name: str, width: int) -> None:
    page, _ = see(name, width)
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    found: list[list[Any]] = page.evaluate(CONTRAST)
    assert len(found) > 30
    assert [(text, round(ratio, 2)) for text, ratio, opacity in found if ratio < 4.5 or opacity < 1] == []


def test_faint_text_would_be_seen(see: See) -> None:
    page, _ = see("nothing_delivered_fr", 1200)
    page.add_style_tag(content=".quiet { color: #9a9a9a } svg text { fill: #b0b0b0 }")
    assert len([ratio for _, ratio, _ in page.evaluate(CONTRAST) if ratio < 4.5]) > 10


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [390, 1200])
def test_texts_in_pictures_are_whole_and_do_not_overlap(see: See, name: str, width: int) -> None:
    page, _ = see(name, width)
    for picture in page.evaluate(BOXES):
        left, top, right, bottom = picture["frame"]
        texts = picture["texts"]
        for text, x, y, x2, y2 in texts:
            assert left - 1 <= x, (picture["name"], text)
            assert x2 <= right + 1, (picture["name"], text)
            assert top - 1 <= y, (picture["name"], text)
            assert y2 <= bottom + 1, (picture["name"], text)
        for place, (one, x, y, x2, y2) in enumerate(texts):
            for other, u, v, u2, v2 in texts[place + 1 :]:
                across, down = min(x2, u2) - max(x, u), min(y2, v2) - max(y, v)
                # Lines of one title stand close: only more than a third of a line is an overlap.
                assert across <= 1 or down <= (y2 - y) / 3, (picture["name"], one, other)


def barriers(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core finds that would keep somebody out: each broken rule with the places that break it."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], [str(node["target"]) for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("name", ["drifting_fr", "hostile_en", "no_strategy_en", "nothing_delivered_fr"])
def test_nothing_keeps_anybody_out(see: See, name: str) -> None:
    """On a phone, on a large screen and on paper, folds open."""
    for width in (390, 1200):
        page, _ = see(name, width)
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        assert barriers(page) == []
    page.emulate_media(media="print")
    assert barriers(page) == []


def test_a_barrier_would_be_found(see: See) -> None:
    page, _ = see("nothing_delivered_fr", 1200)
    page.evaluate("document.querySelector('svg').removeAttribute('aria-labelledby')")
    page.evaluate("document.querySelectorAll('svg > title').forEach(title => title.remove())")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert {"html-has-lang", "svg-img-alt"} <= {rule for rule, _ in barriers(page)}


@pytest.mark.parametrize("name", ["drifting_fr", "no_strategy_en"])
def test_the_mail_is_one_column_that_keeps_nobody_out_by_day_and_by_night(
    browser: Browser, mail: Callable[[str], EmailMessage], name: str
) -> None:
    html = ""
    for part in mail(name).walk():
        if part.get_content_type() == "text/html":
            html = str(part.get_content())
        if part.get_content_type() == "image/png":
            content = base64.b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{content}")
    asked: list[str] = []
    shown: list[tuple[int, Literal["light", "dark"]]] = [(390, "light"), (700, "light"), (700, "dark")]
    for width, scheme in shown:
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(html)
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.querySelector('.sheet').getBoundingClientRect().width") <= 600
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
        assert barriers(page) == []
        page.close()
    assert [url for url in asked if not url.startswith("data:")] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_every_picture_has_a_text_alternative(see: See, name: str) -> None:
    page, _ = see(name, 1200)
    told = page.evaluate(TOLD)
    assert told
    assert all(told)


def test_one_width_of_each_picture_is_seen(see: See) -> None:
    for width in (390, 1200):
        page, _ = see("drifting_fr", width)
        seen = page.evaluate(SEEN)
        assert seen == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(("name", "sheets"), [("drifting_fr", 2), ("no_signal_en", 2), ("nothing_delivered_fr", 1)])
def test_the_page_fits_on_paper_with_folds_open(see: See, name: str, sheets: int) -> None:
    page, _ = see(name, 1200)
    pdf = page.pdf(prefer_css_page_size=True)
    counts = [int(count) for count in re.findall(rb"/Type\s*/Pages.*?/Count (\d+)", pdf, flags=re.DOTALL)]
    assert max(counts) <= sheets
    boxes = {tuple(round(float(side)) for side in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", pdf)}
    assert boxes == {(0, 0, 595, 842)}


def test_paper_shows_what_the_screen_folds_away(see: See) -> None:
    page, _ = see("drifting_fr", 1200)
    assert not any(page.evaluate(FOLDED))
    page.emulate_media(media="print")
    assert all(page.evaluate(FOLDED))


def test_without_style_the_page_still_reads_in_order(see: See) -> None:
    """A mail client may drop the style sheet: order and tables must carry the meaning."""
    page, _ = see("drifting_fr", 1200)
    page.evaluate("document.querySelectorAll('style').forEach(sheet => sheet.remove())")
    headings = [" ".join(text.split()) for text in page.locator("h1, h2").all_text_contents()]
    assert headings == [
        "Semaine 47 (16–22 novembre 2026)",
        "◆ Dérive",
        "Ce qui a changé depuis la semaine dernière",
        "Prévu et livré",
        "Ce qui mérite attention",
        "Résultats clés et effort",
        "Chaînes de valeur",
        "Tendance",
        "Où est allé l’effort",
        "Travail non rattaché",
        "Ce qui n’a pas pu être jugé",
        "Qualité des données",
        "Ce que les équipes ont répondu dans leurs tickets",
        "Commentaires dans les tickets",
        "Constats acceptés",
        "Sur quoi repose ce rapport",
    ]
