import base64
import hashlib
import html
import re
import zlib

import numpy as np
import pytest

from neurosym.replay import Recorder

NASTY = [
    '</script><script>document.documentElement.dataset.broken="1"</script>',
    "<img src=x onerror=\"document.documentElement.dataset.broken='1'\">",
    "<!-- <script>",
    "]]>&lt;b&gt; $title ${data} \u2028 \\u003c",
]


@pytest.fixture(scope="module")
def page(tmp_path_factory, walk):
    recorder = Recorder("a <b>title</b> & more", {"version": "1"})
    pictures = walk(recorder, cells=9, steps=40)
    walk(recorder, cells=6, steps=12, seed=3)
    return recorder.save(tmp_path_factory.mktemp("replay") / "page.html"), pictures


def test_the_page_is_self_contained(page, read_page):
    reader = read_page(page[0])
    for tag, attributes in reader.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base"), f"<{tag}> may load something"
        assert "src" not in attributes, f"<{tag}> loads {attributes['src']}"
        assert not [name for name in attributes if name.startswith("on")], f"<{tag}> holds a handler"
    text = page[0].read_text("utf-8")
    assert not re.findall(r"https?://|url\(|@import", text)


def test_the_policy_lets_only_the_pages_own_script_run(page, read_page):
    reader = read_page(page[0])
    policies = [a["content"] for tag, a in reader.tags if a.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(reader.scripts[1].encode()).digest()).decode()
    assert "default-src 'none'" in policies[0]
    assert f"script-src 'sha256-{digest}'" in policies[0]
    assert "unsafe" not in policies[0]


@pytest.mark.parametrize("words", NASTY)
def test_words_cannot_become_markup(words, read_page):
    recorder = Recorder(words, {words: words})
    recorder.begin(words, 0, words)
    recorder.add(np.zeros((8, 8, 3), np.uint8), None, None, [words], 0, words, words, 0.0, [(words, words)])
    recorder.end(False, 1, 0.0, words)
    text = recorder.page()
    reader = read_page(text)
    assert len(reader.scripts) == 2
    assert reader.record["title"] == words
    assert reader.record["episodes"][0]["events"] == [[0, words, words]]
    assert f"<title>{html.escape(words)}</title>" in text
    assert [tag for tag, _ in reader.tags].count("img") == 0


def test_nasty_words_are_shown_as_words(tmp_path, chromium):
    recorder = Recorder("nasty")
    nasty = "".join(NASTY)
    recorder.begin(nasty, 0, nasty)
    recorder.add(np.zeros((8, 8, 3), np.uint8), None, None, [nasty], 0, nasty, nasty, 0.0, [(nasty, nasty)])
    recorder.end(False, 1, 0.0, nasty)
    dom = chromium.dom(recorder.save(tmp_path / "nasty.html"))
    assert attribute(dom, "state") == "ready"
    assert "data-broken" not in dom
    assert html.escape(NASTY[0], quote=False) in dom


def attribute(dom, name):
    found = re.search(rf'<html[^>]* data-{name}="([^"]*)"', dom)
    return found and found[1]


@pytest.mark.parametrize("step", [0, 40])
def test_chromium_draws_the_recorded_pixels(page, chromium, step):
    path, pictures = page
    dom = chromium.dom(path, f"step={step}&check=1")
    assert attribute(dom, "state") == "ready"
    assert re.search(rf'<b id="step">{step}</b>', dom)
    for name, picture in zip(("world", "view", "belief"), pictures[step], strict=True):
        expected = zlib.adler32(np.ascontiguousarray(picture).tobytes())
        assert attribute(dom, name) == str(expected), f"{name} at step {step} is not what was recorded"


def test_chromium_shows_the_plan_the_words_and_the_second_episode(page, chromium):
    dom = chromium.dom(page[0], "episode=2&step=4")
    assert "seed 3" in dom
    assert re.search('<p class="words "[^>]*>open door 1</p>', dom)
    assert len(re.findall('<li class="done">', dom)) == 1
    assert len(re.findall('<li class="current"', dom)) == 1
    assert len(re.findall('<li class="ahead">', dom)) == 3


def test_events_of_a_kind_share_a_mark_and_a_quoted_plan_is_shortened(tmp_path, chromium):
    recorder = Recorder("events")
    recorder.begin("events", 0, "")
    events = [("replan", "(go a b): no way"), ("replan", "(open c) (go a c)"), ("achieved", "(go a b)")]
    for step in range(3):
        happened = events if step == 1 else []
        recorder.add(np.zeros((8, 8, 3), np.uint8), None, None, ["(go a c)"], 0, "go", "on", 0.0, happened)
    dom = chromium.dom(recorder.save(tmp_path / "events.html"))
    marks = dom.split('id="marks"')[1].split('id="bands"')[0]
    assert re.findall('class="mark ([^"]*)"', marks) == ["kind-replan", "kind-achieved"]
    assert "2 steps: open, go" in dom
    assert '<span class="name">go</span><span class="arg">a</span><span class="arg">b</span>' in dom
    assert re.search('<section[^>]*class="senses" id="senses" hidden|id="senses" hidden', dom)


PRESS = """<script>
const press = (key, shiftKey = false) => document.body.dispatchEvent(
  new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
const seen = [];
const note = () => seen.push(document.getElementById("step").textContent);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
(async () => {
  while (document.documentElement.dataset.state !== "ready") await wait(20);
  for (const [key, shift] of KEYS) { press(key, shift); note(); }
  press("Home"); press(" ");
  const playing = document.body.classList.contains("playing");
  await wait(1100); press(" ");
  note();
  document.documentElement.dataset.seen = [...seen, playing].join(" ");
})();
</script>"""


def test_the_keyboard_moves_plays_and_pauses(page, chromium, tmp_path):
    keys = '[["ArrowRight"],["ArrowRight",true],["ArrowLeft"],["n"],["Home"],["n"],["End"],["p"],["x"]]'
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page[0].read_text("utf-8"))
    driven = tmp_path / "driven.html"
    driven.write_text(text.replace("</body>", PRESS.replace("KEYS", keys) + "</body>"), "utf-8")
    seen = attribute(chromium.dom(driven), "seen").split()
    assert seen[:9] == ["1", "11", "10", "40", "0", "3", "40", "3", "3"]
    assert 3 <= int(seen[9]) <= 6, "a second at five steps a second"
    assert seen[10] == "true"


@pytest.mark.parametrize(("theme", "size"), [("light", (1280, 800)), ("dark", (420, 900))])
def test_a_screenshot_shows_the_world(page, chromium, theme, size):
    screen = chromium.screenshot(page[0], f"step=9&theme={theme}", size)
    world = screen[140:600, 40:380] if size[0] < 900 else screen[120:640, 60:580]
    assert world.std() > 30, "the world's picture is blank"
    edge = screen[:6].mean()
    assert edge > 200 if theme == "light" else edge < 60


def test_a_recording_that_cannot_be_read_says_so(page, chromium, tmp_path):
    broken = tmp_path / "broken.html"
    broken.write_text(re.sub(r'"png":"[^"]{40}', '"png":"AAAA', page[0].read_text("utf-8")), "utf-8")
    dom = chromium.dom(broken)
    assert attribute(dom, "state") == "failed"
    assert "This recording cannot be shown" in dom


def test_an_episode_without_a_step_and_one_without_an_end_are_shown(tmp_path, chromium):
    recorder = Recorder("nothing yet")
    recorder.begin("empty-v0", 1, "")
    recorder.begin("broken-off-v0", 2, "go on")
    recorder.add(np.zeros((8, 8, 3), np.uint8), None, None, [], 0, "", "", 0.0)
    page = recorder.save(tmp_path / "short.html")
    for number, task in ((1, "empty-v0"), (2, "broken-off-v0")):
        dom = chromium.dom(page, f"episode={number}&step=5")
        assert attribute(dom, "state") == "ready"
        assert f"<span>{task}</span>" in dom
        assert ">Unfinished</p>" in dom


def test_chromium_draws_photographs_too(tmp_path, chromium):
    rng = np.random.default_rng(0)
    recorder = Recorder("photographs")
    recorder.begin("photographs", 0, "")
    photograph = rng.integers(0, 255, (90, 120, 3), np.uint8)
    recorder.add(photograph, None, photograph[:40, :40], [], 0, "", "", 0.0)
    dom = chromium.dom(recorder.save(tmp_path / "photographs.html"), "check=1")
    assert attribute(dom, "state") == "ready"
    blank = {zlib.adler32(np.zeros(shape, np.uint8).tobytes()) for shape in ((90, 120, 3), (40, 40, 3))}
    assert int(attribute(dom, "world")) not in blank
    assert int(attribute(dom, "belief")) not in blank
