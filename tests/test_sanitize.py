"""What a student's notebook shows to a teacher: in a real browser, nothing of it runs."""

import base64
import json
import re
import struct
import zlib
from html.parser import HTMLParser

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat import v4

from autograder.notebooks import sanitize
from autograder.notebooks.canon import canonical
from autograder.notebooks.rebuild import rebuild
from autograder.notebooks.sanitize import JOINER, safe_markdown, safe_outputs, safe_text
from tests.chromium import NEEDS_CHROMIUM

LESSON, NAME, WHY = "03_momentum", "momentum_step", "momentum__why"
CALL = "pwned()"

SCRIPT = f"<script>{CALL}</script>"
IMAGE = f'<img src="x:" onerror="{CALL}">'
MARKDOWN = {
    "script": SCRIPT,
    "image": IMAGE,
    "image in a line": f"so {IMAGE} then",
    "image in a table": f"|a|b|\n|-|-|\n|{IMAGE}|x|",
    "image in a heading": f"# {IMAGE}",
    "image in a list": f"- {IMAGE}\n  - {IMAGE}",
    "image in a quote": f"> {IMAGE}",
    "image in a link": f"[{IMAGE}](https://example.org)",
    "image in emphasis": f"**{IMAGE}** ~~{IMAGE}~~",
    "escaped": f"\\{IMAGE} \\\\{IMAGE}",
    "in inline math": f"${IMAGE}$ and $$\n{IMAGE}\n$$",
    "in an environment": f"\\begin{{align}}{IMAGE}\\end{{align}}",
    "math that code begins": f"`$` {IMAGE} `$`",
    "fence in math": f"$$\n```\n{IMAGE}\n```\n$$\n{IMAGE}",
    "math in a fence": f"```\n$$\n```\n{IMAGE}\n```\n$$\n```",
    "unclosed fence": f"```\n{IMAGE}\n\n~~~\n{IMAGE}",
    "fence inside a comment": f"<!--\n```\n--> {IMAGE}\n```",
    "comment": f"<!-- --> {IMAGE} <!--{IMAGE}-->",
    "cdata": f"<![CDATA[ {IMAGE} ]]> <?php {IMAGE} ?>",
    "svg": f'<svg onload="{CALL}"><script>{CALL}</script></svg>',
    "iframe": f'<iframe src="javascript:parent.{CALL}" srcdoc="{SCRIPT}"></iframe>',
    "details": f'<details open ontoggle="{CALL}"><summary>x</summary></details>',
    "style": f"<style>@import 'http://tracker.test/x'</style><body onload={CALL}>",
    "form": f'<form action="javascript:{CALL}"><button autofocus onfocus="{CALL}"></button></form>',
    "end of everything": f"</div></body></html></script></textarea></pre>{IMAGE}",
    "link": f"[x](javascript:{CALL})",
    "link with spaces": f"[x](  javascript:{CALL} )  [x](\njavascript:{CALL})",
    "link in angles": f"[x](<javascript:{CALL}>) <javascript:{CALL}>",
    "link in capitals": f"[x](JaVaScRiPt:{CALL})",
    "link with entities": f"[x](java&#115;cript:{CALL}) [x](&#106;avascript&colon;{CALL})",
    "link with controls": f"[x](java\x01script:{CALL}) [x](\x01javascript:{CALL})",
    "link with a title": f'[x](javascript:{CALL} "t")',
    "reference": f"[x][1] [1] [1][]\n\n[1]: javascript:{CALL}",
    "reference on the next line": f"[x][1]\n\n[1]:\n   javascript:{CALL}",
    "reference in angles": f"[x][1]\n\n[1]: <javascript:{CALL}>",
    "data link": f"[x](data:text/html;base64,{base64.b64encode(SCRIPT.encode()).decode()})",
    "vbscript": f"[x](vbscript:{CALL})",
    "attribute": f'[x](https://e.org/"onmouseover="{CALL}) [x](https://e.org "\'onload={CALL}")',
    "picture": f'![x](javascript:{CALL}) ![x](x"onerror="{CALL})',
    "picture from elsewhere": "![x](http://tracker.test/a) ![y][p]\n\n[p]: http://tracker.test/b",
    "picture of a file": "![x](/etc/passwd) ![x](file:///etc/passwd) ![x](attachment:none.png)",
    "nested picture": "[![x](http://tracker.test/c.png)](https://example.org)",
    "entities": "&lt;script&gt; &#60;img src=x onerror=pwned()&#62;",
    "formula with a link": f"$\\href{{javascript:{CALL}}}{{x}}$",
    "formula, more slashes": f"$\\\\href{{javascript:{CALL}}}{{x}}$ \\\\\\href{{a}}{{b}}",
    "formula with an entity": f"$&#92;href{{javascript:{CALL}}}{{x}}$ &bsol;href{{a}}{{b}}",
    "formula with a token": f"$\\mmlToken{{mi}}[href='javascript:{CALL}']{{x}}$",
    "formula with html": "$\\style{x}{y} \\htmlData{x}{y} \\cssId{a}{b} \\require{html}$",
    "formula with macros": "$\\def\\x{\\href} \\let\\y\\href \\newcommand{\\z}{\\href}$",
    "diagram": f'```mermaid\ngraph TD; A["{IMAGE}"]\n```\n\n~~~ {{.mermaid}}\n{IMAGE}\n~~~',
    "template": "{{ 7*7 }} {% raw %} {{ cell.source }}",
    "clobbering": '<a id="MathJax"></a><form id="document"><input name="body"></form>',
    "joined by hand": f"<{JOINER}script>{CALL}</script> <<script>{CALL}<</script>",
}

BAD_PNG = base64.b64encode(SCRIPT.encode()).decode()
OUTPUTS = {
    "html": {"output_type": "display_data", "data": {"text/html": SCRIPT + IMAGE}},
    "html result": {"output_type": "execute_result", "data": {"text/html": IMAGE}},
    "svg": {
        "output_type": "display_data",
        "data": {"image/svg+xml": f"<svg onload='{CALL}'>{SCRIPT}</svg>"},
    },
    "javascript": {"output_type": "display_data", "data": {"application/javascript": CALL}},
    "markdown": {"output_type": "display_data", "data": {"text/markdown": IMAGE}},
    "latex": {"output_type": "display_data", "data": {"text/latex": f"${IMAGE}$"}},
    "mermaid": {"output_type": "display_data", "data": {"text/vnd.mermaid": IMAGE}},
    "widget": {
        "output_type": "display_data",
        "data": {"application/vnd.jupyter.widget-view+json": {"model_id": f"</script>{IMAGE}"}},
    },
    "plain": {"output_type": "execute_result", "data": {"text/plain": f"{SCRIPT}{IMAGE}"}},
    "plain as a dict": {"output_type": "display_data", "data": {"text/plain": {"a": IMAGE}}},
    "stream": {"output_type": "stream", "name": "stdout", "text": f"{SCRIPT}{IMAGE}"},
    "stream name": {"output_type": "stream", "name": IMAGE, "text": "x"},
    "ansi link": {
        "output_type": "stream",
        "text": f"\x1b]8;;javascript:{CALL}\x07click\x1b]8;;\x07 \x1b[31;{IMAGE}m{IMAGE}",
    },
    "ansi": {"output_type": "stream", "text": f'\x1b[38;5;"><img onerror={CALL} src=x>m'},
    "error": {
        "output_type": "error",
        "ename": f"{IMAGE}",
        "evalue": SCRIPT,
        "traceback": [IMAGE, f"\x1b[0;31m{SCRIPT}", 3, None],
    },
    "picture that is html": {"output_type": "display_data", "data": {"image/png": BAD_PNG}},
    "picture with an attribute": {
        "output_type": "display_data",
        "data": {"image/png": f'AAAA" onerror="{CALL}', "image/jpeg": f'x"><script>{CALL}'},
        "metadata": {
            "width": f'1 onerror="{CALL}"',
            "filenames": {"image/png": f'x" onerror="{CALL}'},
            "image/png": {"width": f"1 onload={CALL}"},
        },
    },
    "unknown": {"output_type": f"x{IMAGE}", "text": IMAGE, "data": {"text/html": IMAGE}},
    "no dict": IMAGE,
}


def hostile():
    """A notebook that holds all of it: in its cells, its outputs, its ids and its metadata."""
    cells = [v4.new_markdown_cell(text) for text in MARKDOWN.values()]
    cells += [v4.new_raw_cell(text) for text in MARKDOWN.values()]
    for name, output in OUTPUTS.items():
        cell = v4.new_code_cell(f"'{name}' # {IMAGE}")
        cell.outputs = [output]
        cells.append(cell)
    attached = {"x.png": {"image/png": f'"><img src=x onerror={CALL}>'}, f'a"{IMAGE}': {}}
    cells.append(v4.new_markdown_cell("![x](attachment:x.png)", attachments=attached))
    for number, cell in enumerate(cells):
        cell["id"] = f'"><img src="x:" onerror="{CALL}">{number}'
        cell.metadata = {
            "tags": [f'"><img src="x:" onerror="{CALL}">'],
            "raw_mimetype": "text/html",
            "name": IMAGE,
        }
    metadata = {
        "title": f"</title>{SCRIPT}",
        "language_info": {"name": f'"{IMAGE}', "pygments_lexer": IMAGE},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"x": f"</script>{SCRIPT}"}},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def as_submission(root):
    """The hostile notebook handed in as answers, in the lesson's cells and in own ones."""
    lesson = canonical(root, LESSON)
    notebook = json.loads(json.dumps(lesson))
    evil = json.loads(json.dumps(hostile()))
    for cell in notebook["cells"]:
        if cell["id"] == WHY:
            cell["source"] = "\n\n".join(MARKDOWN.values())
            cell["attachments"] = evil["cells"][-1]["attachments"]
        elif cell["id"] == NAME:
            cell["source"] = f"{IMAGE}\n{SCRIPT}"
            cell["metadata"].update(evil["cells"][0]["metadata"])
        elif "experiment" in cell["metadata"].get("tags", []):
            cell["outputs"] = list(OUTPUTS.values())
    notebook["cells"][2:2] = evil["cells"]
    notebook["metadata"] = evil["metadata"]
    rebuilt = rebuild(lesson, json.dumps(notebook).encode()).notebook
    for cell in rebuilt.cells:  # what the engine would put there after a run
        if cell.cell_type == "code" and not cell.outputs:
            cell.outputs = safe_outputs(list(OUTPUTS.values()))
    nbformat.validate(rebuilt)
    return rebuilt


def page(notebook, template="lab"):
    """A notebook as nbconvert and nbgrader's pages show it."""
    return HTMLExporter(template_name=template).from_notebook_node(notebook)[0]


class Elements(HTMLParser):
    """Every element of a page, with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def elements(markdown):
    """What elements a text becomes in nbconvert's pages."""
    return Elements(markdown2html_mistune(markdown)).found


@pytest.mark.parametrize("text", MARKDOWN.values(), ids=MARKDOWN)
def test_no_markup_of_the_students_becomes_an_element(text):
    """Only what Markdown itself makes; links lead to web pages, pictures to nowhere."""
    for tag, attributes in elements(safe_markdown(text)):
        assert tag not in ("script", "img", "svg", "iframe", "style", "form", "button", "details")
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href", "https://").startswith(("https://", "http://", "#"))
        assert "mermaid" not in (attributes.get("class") or "").lower()


@pytest.mark.parametrize("name", ["script", "link", "reference", "diagram", "nested picture"])
def test_unsanitized_the_same_text_does_become_one(name):
    """The test above can fail."""
    assert any(
        tag in ("script", "img")
        or attributes.get("href", "").startswith("javascript:")
        or attributes.get("class") == "mermaid"
        for tag, attributes in elements(MARKDOWN[name])
    )


@pytest.mark.parametrize("text", MARKDOWN.values(), ids=MARKDOWN)
def test_no_formula_reaches_out(text):
    made = safe_markdown(text)
    assert not re.search(
        r"\\(href|mmlToken|style|html\w*|cssId|require|def|let|newcommand)\b", made
    )
    assert "&#" not in made
    assert "&bsol;" not in made


PIECES = [
    *"<>\\`~$[]()!&#;:/ \n\t\"'*_a{}=-|",
    *"href javascript: script onerror=f() mermaid ``` $$ http:// https://e.org lt; amp;".split(),
    *"attachment: def \\\\ </ <!-- --> ]( ]: ![ \\begin{a} \\end{a}".split(),
    "img src=x ",
    JOINER,
]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=40,
    ).map("".join)
)
def test_no_text_at_all_becomes_an_element(text):
    made = safe_markdown(text)
    assert safe_markdown(made) == made
    for tag, attributes in elements(made):
        assert tag not in ("script", "img", "a-", "svg"), made
        assert not [name for name in attributes if name.startswith("on")], made
        assert attributes.get("href", "#").startswith(("https://", "http://", "#")), made


@pytest.mark.parametrize(
    "text",
    [
        "Because $v = \\beta v + \\alpha g$, it **rolls** on; see `theta[0]`.",
        "$$\n\\begin{aligned} a &= b \\\\ c &= d\n\\end{aligned}\n$$",
        "```python\nfor i in range(3):\n    print('a\\n', i < 3, x[i])\n```",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n- [a page](https://example.org/a?b=c&d=e)",
        "動量會記住 *過去*, naïvely — 1 < 2 > 0 & so on!",
    ],
)
def test_what_is_harmless_stays_as_it_is(text):
    assert safe_markdown(text) == text


@pytest.mark.parametrize("text", ["if a<b and c</d", "<b>bold</b>", "[x](javascript:y)", "f[0](x)"])
def test_what_is_broken_reads_the_same(text):
    made = safe_markdown(text)
    assert made != text
    assert made.replace(JOINER, "") == text


def test_a_long_text_is_cut_with_a_note():
    made = safe_markdown("<b" * 500_000)
    assert len(made) <= sanitize.MOST_MARKDOWN
    assert made.endswith("[Left out here: the rest of this text.]")
    assert safe_markdown(made) == made


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width=2, height=2, *, more=b""):
    """A small grey picture; `more` chunks stand before its pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\x00\x80\x80" * 2))
    return b"\x89PNG\r\n\x1a\n" + header + more + pixels + chunk(b"IEND", b"")


def picture(data, kind="image/png"):
    value = base64.encodebytes(data).decode() if isinstance(data, bytes) else data
    made = safe_outputs([{"output_type": "display_data", "data": {kind: value}}])
    return base64.b64decode(made[0].get("data", {}).get(kind, ""))


def jpeg():
    from io import BytesIO

    from PIL import Image

    into = BytesIO()
    Image.new("RGB", (5, 4), (200, 10, 10)).save(into, "JPEG", comment=b"<script>")
    return into.getvalue()


def test_a_picture_keeps_what_shows_it_and_nothing_else():
    assert picture(png()) == png()
    told = chunk(b"tEXt", b"Comment\x00<script>") + chunk(b"eXIf", b"where")
    assert picture(png(more=told)) == png()
    assert picture(png() + b"<script>") == png()


def test_a_jpeg_keeps_what_shows_it():
    from io import BytesIO

    from PIL import Image

    made = picture(jpeg() + b"<script>", "image/jpeg")
    assert b"<script>" not in made
    assert (
        Image.open(BytesIO(made)).convert("RGB").tobytes()
        == Image.open(BytesIO(jpeg())).convert("RGB").tobytes()
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg/>",
        png()[:-1],
        png()[:30],
        png().replace(b"IDAT", b"IDAX"),
        png(width=60_000, height=60_000),
        png(width=0),
        b"\x89PNG\r\n\x1a\n",
        'AAAA" onerror="',
        ["AA", 3, None],
        {"a": 1},
        None,
        3,
    ],
    ids=repr,
)
@pytest.mark.parametrize("kind", ["image/png", "image/jpeg"])
def test_what_is_no_picture_is_left_out_and_named(data, kind):
    value = base64.b64encode(data).decode() if isinstance(data, bytes) else data
    made = safe_outputs([{"output_type": "display_data", "data": {kind: value}}])
    assert made == safe_outputs(made)
    assert len(made) == 1
    assert "a picture that is damaged or too large" in made[0].text


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=60), at=st.integers(0, 70), which=st.sampled_from(["png", "jpeg"]))
def test_no_bytes_in_a_picture_stop_the_sanitizer(data, at, which):
    whole = png() if which == "png" else JPEG
    picture(whole[:at] + data + whole[at + len(data) :], f"image/{which}")


JPEG = jpeg()


def test_text_wins_over_html_and_a_note_says_what_is_missing():
    table = {"text/html": "<table>", "text/plain": "a  b"}
    made = safe_outputs([{"output_type": "execute_result", "data": table, "execution_count": 3}])
    assert made == [v4.new_output("execute_result", {"text/plain": "a  b"}, execution_count=3)]
    (note,) = safe_outputs([{"output_type": "display_data", "data": {"text/html": "<b>"}}])
    assert note.text == "[Left out here: an output that is neither text nor a picture.]\n"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://a\x07link\x1b]8;;\x07", "link"),
        ("\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never closed", ""),
        ("\x9b31mred", "red"),
        ("10 %\r50 %\r100 %\n", "100 %\n"),
        ("done\r\n", "done\n"),
        ("a\x00\x07b\ud800", "ab\ufffd"),
        ("tab\tstays", "tab\tstays"),
        ("evil \u202etxt.exe", "evil txt.exe"),
        (["a", "b", 3], "ab"),
        ({"a": 1}, ""),
        (None, ""),
    ],
)
def test_printed_text_is_what_a_terminal_shows(printed, shown):
    assert safe_text(printed) == shown


def test_outputs_keep_to_their_room():
    prints = [{"output_type": "stream", "name": "stdout", "text": "x" * 100}] * 100_000
    made = safe_outputs(prints, most_bytes=50_000)
    assert sum(len(o.text) for o in made) < 51_000
    assert "further outputs" in made[-1].text
    made = safe_outputs([{"output_type": "stream", "text": "y" * 10**7}], most_bytes=1000)
    assert made[0].text.startswith("y" * 1000 + "\n[Left out here: the rest of a long text")
    many = [{"output_type": "display_data", "data": {"text/plain": "z"}}] * 10_000
    assert len(safe_outputs(many)) == sanitize.MOST_OUTPUTS + 1


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_no_output_becomes_an_element(output):
    cell = v4.new_code_cell("x", id="here", outputs=safe_outputs([output]))
    assert safe_outputs(cell.outputs) == cell.outputs
    nbformat.validate(v4.new_notebook(cells=[cell]))
    made = page(v4.new_notebook(cells=[cell])).split("<main", 1)[1]
    for tag, attributes in Elements(made.split("</main>", 1)[0]).found:
        assert tag not in ("script", "img", "svg", "iframe", "a"), tag
        assert not [name for name in attributes if name.startswith("on")]


SLOW = [*"$[`*<\\-~&!", "![", "[a](", "| ", "> ", "_a", "\\begin{a}", "$$ ", "](", "]: ", "``` "]


@pytest.mark.parametrize("text", SLOW)
def test_a_long_text_of_one_mark_takes_no_time(text):
    """Cleaning is linear; what the page's own Markdown parser makes of it isn't measured here."""
    safe_markdown(text * (2 * sanitize.MOST_MARKDOWN // len(text)))
    safe_text(text * 10**6)
    safe_text("\x1b]" * 10**6)


def opened(browser, html, tmp_path):
    """Open a page, click on every link in it; return what ran and what it asked other places for.

    MathJax can't be fetched here. It would read the page's text, so that is looked at besides.
    """
    file = tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    tab = browser.new_page()
    seen = {"ran": [], "asked": []}
    tab.expose_function("pwned", lambda *a: seen["ran"].append(a))
    tab.on("dialog", lambda dialog: (seen["ran"].append(dialog.message), dialog.dismiss()))

    def answer(route):
        url = route.request.url
        if url == file.as_uri() or url.startswith("data:image/"):
            return route.continue_()
        if "cdnjs.cloudflare.com" not in url and "mermaid" not in url.lower():
            seen["asked"].append(url)
        return route.abort()

    tab.route("**/*", answer)
    tab.goto(file.as_uri(), wait_until="load")
    tab.wait_for_timeout(300)
    links = tab.eval_on_selector_all(
        "a[href]", "all => all.map(a => a.getAttribute('href')).filter(h => !h.startsWith('#'))"
    )
    tab.evaluate(
        "for (const a of document.querySelectorAll('a[href]'))"
        " if (a.protocol === 'javascript:') a.click()"
    )
    tab.wait_for_timeout(300)
    seen["links"] = links
    seen["text"] = tab.evaluate("document.body.innerText")
    seen["pictures"] = tab.eval_on_selector_all("img", "all => all.map(i => i.src.slice(0, 21))")
    tab.close()
    return seen


@pytest.mark.slow
@pytest.mark.browser
@NEEDS_CHROMIUM
@pytest.mark.parametrize("template", ["lab", "classic", "basic"])
def test_a_hostile_notebook_runs_nothing_in_a_browser(root, browser, tmp_path, template):
    seen = opened(browser, page(as_submission(root), template), tmp_path)
    assert seen["ran"] == []
    assert seen["asked"] == []
    assert all(link.startswith(("https://", "http://")) for link in seen["links"])
    assert set(seen["pictures"]) <= {"data:image/png;base64", "data:image/jpeg;base6"}
    assert "\\href" not in seen["text"]
    assert IMAGE in seen["text"].replace(JOINER, "")  # it is there to be read


@pytest.mark.slow
@pytest.mark.browser
@NEEDS_CHROMIUM
def test_unsanitized_the_hostile_notebook_does_run(browser, tmp_path):
    """The test above can fail."""
    evil = nbformat.from_dict(json.loads(json.dumps(hostile())))
    for number, cell in enumerate(evil.cells):
        cell["id"], cell.metadata = f"c{number}", nbformat.from_dict({})
        if cell.cell_type == "code":
            found = [o for o in cell.outputs if isinstance(o, dict)]
            shown = [o for o in found if "text/html" in o.get("data", {})]
            cell.outputs = [v4.new_output("display_data", o["data"]) for o in shown]
        cell.pop("attachments", None)
    evil.cells = [c for c in evil.cells if "attachment:" not in c.source]  # nbconvert gives up
    evil.metadata = nbformat.from_dict({})
    seen = opened(browser, page(evil), tmp_path)
    assert len(seen["ran"]) > 10
    assert any("tracker.test" in url for url in seen["asked"])
    assert any(link.startswith("javascript:") for link in seen["links"])


@pytest.mark.slow
@pytest.mark.browser
@NEEDS_CHROMIUM
def test_pictures_of_a_student_are_seen(browser, tmp_path):
    cell = v4.new_markdown_cell(
        safe_markdown("look: ![my sketch](attachment:a.png)", ["a.png"]),
        attachments=sanitize.safe_attachments(
            {"a.png": {"image/png": base64.b64encode(png()).decode()}}
        ),
    )
    seen = opened(browser, page(v4.new_notebook(cells=[cell])), tmp_path)
    assert seen["pictures"] == ["data:image/png;base64"]
