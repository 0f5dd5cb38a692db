"""What a student's notebook shows, made safe for a teacher's browser: text and real pictures.

No HTML of the student's is kept, in no form. In text that a page reads as Markdown, whatever could
begin a tag, a character reference, a picture from elsewhere, a link that isn't one to a web page,
a diagram or a TeX command that reaches out of its formula is broken by a character that isn't seen.
Nothing is parsed for that, so it doesn't matter how a program reads the text afterwards.
"""

import base64
import binascii
import re
import struct
from collections.abc import Iterable

from nbformat import NotebookNode, from_dict

from autograder.notebooks.reading import joined, writable
from descentlab.text import _

MOST_OUTPUT = 2_000_000
"""Bytes of one cell's outputs: text, and pictures as base64."""

MOST_OUTPUTS = 200
"""Outputs of one cell; neighbouring prints count as one."""

MOST_MARKDOWN = 20_000
"""Characters of a text cell: 3,500 words. nbconvert's time grows with the square of some texts, to
two seconds for this many."""

MOST_PIXELS = 25_000_000
"""A larger picture takes 100 MB in a browser, however small its file is."""

JOINER = "\u2060"
"""The word joiner: no width, no meaning, and no browser takes it for a letter or drops it."""

BACKSLASH = "\u2216"
"""Looks like a backslash, in text and in formulas, and is none."""

NAMES = (
    "href|url|require|style|class|cssid|bbox|data|html\\w*|mmltoken|unicode|"
    "tooltip|texttip|mathtip|toggle|action|maction|includegraphics|image|img|input|include|"
    "def|edef|gdef|xdef|let|futurelet|csname|catcode|newcommand|renewcommand|providecommand|"
    "newenvironment|renewenvironment|newmacro|declaremathoperator|declarepaireddelimiters?x?p?p?|"
    "special|write|openin|openout|label|ref|eqref"
)
COMMAND = re.compile(rf"(?<!\\)(\\++)({NAMES})(?![A-Za-z])", re.IGNORECASE)
TAG = re.compile(r"<(?=[A-Za-z/!?])")
REFERENCE = re.compile(r"&(?=#|[A-Za-z][A-Za-z0-9]*;)")
LINK = re.compile(r"\](?=\((?!https?://))|\](?=:(?![ \t]*https?://))", re.IGNORECASE)
PICTURE = re.compile(r"!(?=\[)")
ATTACHED = re.compile(r"!\[([^][\n\\]{0,200})\]\(attachment:([A-Za-z0-9._-]{1,100})\)")
DIAGRAM = re.compile(r"((?<!`)`{3,}+|(?<!~)~{3,}+)(?=[ \t]*+\{?[ \t]*+\.?mermaid)", re.IGNORECASE)

ESCAPES = re.compile(
    "\x1b(?:"
    "\\][^\x07\x1b]*(?:\x07|\x1b\\\\|$)"  # operating system commands: links, window titles
    "|[PX^_][^\x1b]*(?:\x1b\\\\|$)"  # device strings
    "|\\[[0-?]*[ -/]*[@-~]"  # colours, cursor
    "|[ -/]*[0-~]"
    ")"
    "|\x9b[0-?]*[ -/]*[@-~]"
)
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

PICTURES = ("image/png", "image/jpeg")


def safe_markdown(text: str, attached: Iterable[str] = ()) -> str:
    """Return a text for a Markdown cell that looks as its writer meant and does nothing.

    Parameters
    ----------
    text : str
        The student's.
    attached : iterable of str
        Names of the pictures that the cell holds (`safe_attachments`); others aren't shown.

    Returns
    -------
    str
        Math, code, tables and links to web pages work. HTML and character references stand there
        as they were typed. Making it safe once more changes nothing.
    """
    text = CONTROL.sub("", joined(text)[: 2 * MOST_MARKDOWN])
    names = frozenset(attached)
    parts, start = [], 0
    for found in ATTACHED.finditer(text):
        if found[2] in names:
            parts += [_broken(text[start : found.start()]), f"![{_broken(found[1])}]"]
            parts += [f"(attachment:{found[2]})"]
            start = found.end()
    text = "".join([*parts, _broken(text[start:])])
    if len(text) > MOST_MARKDOWN:
        note = "\n\n" + _left_out(_("the rest of this text"))
        text = text[: MOST_MARKDOWN - len(note)] + note
    return text


def _broken(text: str) -> str:
    """Break whatever could do something."""
    text = COMMAND.sub(_harmless_command, text)
    text = TAG.sub(f"<{JOINER}", text)
    text = REFERENCE.sub(f"&{JOINER}", text)
    text = PICTURE.sub(f"!{JOINER}", text)
    text = LINK.sub(f"]{JOINER}", text)
    return DIAGRAM.sub(r"\1text ", text)


def _harmless_command(found: re.Match) -> str:
    """An odd backslash begins a command; two are a line's end in TeX and one in Markdown."""
    slashes, name = found.groups()
    if len(slashes) % 2:
        return f"{slashes[:-1]}{BACKSLASH}{name}"
    return f"{slashes} {name}"


def safe_card(html: str) -> str:
    """Return a card's HTML, in which all text is escaped, without TeX that does something.

    What an answer raised stands on its card, and a page reads formulas there, too.
    """
    return COMMAND.sub(_harmless_command, html)


def safe_attachments(attachments: object) -> dict[str, dict[str, str]]:
    """Return those of a cell's attachments that are pictures, with safe names."""
    kept: dict[str, dict[str, str]] = {}
    size = 0
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", str(name)) or not isinstance(bundle, dict):
            continue
        for kind in PICTURES:
            picture = _picture(bundle.get(kind), kind)
            if picture and size + len(picture) <= MOST_OUTPUT:
                size += len(picture)
                kept[name] = {kind: picture}
                break
    return kept


def safe_text(text: object) -> str:
    """Return what a program printed as a terminal would show it at last, without colours."""
    text = ESCAPES.sub("", joined_raw(text))
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        text = "\n".join(_overwritten(line) for line in text.split("\n"))
    return writable(CONTROL.sub("", text))


def joined_raw(text: object) -> str:
    """Return a text kept as a string or as a list of lines; a carriage return stays one."""
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def _overwritten(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]


def safe_outputs(outputs: object, *, most_bytes: int = MOST_OUTPUT) -> list[NotebookNode]:
    """Return outputs that are safe to look at, whatever came in.

    Parameters
    ----------
    outputs : list
        As a student's run left them, or as a student's file says.
    most_bytes : int
        What all of them together may take.

    Returns
    -------
    list of NotebookNode
        Streams, errors, and results of text/plain, image/png and image/jpeg, without metadata. A
        last one says what was left out, if nothing stands in its place.
    """
    kept, printed, missing, room = [], [], [], most_bytes
    for output in outputs if _is_list(outputs) else ():
        if room <= 0 or len(kept) >= MOST_OUTPUTS:
            missing.append(_("further outputs"))
            break
        made, lacking = _safe_output(output, room)
        missing += lacking
        room -= _size(made) if made else 100
        if made is None:
            continue
        if kept and made.output_type == "stream" and kept[-1].get("name") == made.name:
            printed[-1].append(made.text)
        else:
            kept.append(made)
            printed.append([made.get("text", "")])
    for output, texts in zip(kept, printed, strict=True):
        if output.output_type == "stream":
            output.text = "".join(texts)
    if missing:
        _add_note(kept, _left_out(", ".join(dict.fromkeys(missing))) + "\n")
    return kept


def _add_note(kept: list[NotebookNode], note: str) -> None:
    last = kept[-1] if kept else None
    if last and last.get("name") == "stdout":
        last.text += note if last.text.endswith("\n") else f"\n{note}"
    else:
        kept.append(_output("stream", name="stdout", text=note))


def _left_out(what: str) -> str:
    return _("[Left out here: {what}.]").format(what=what)


def _output(kind: str, **fields: object) -> NotebookNode:
    """An output as `nbformat.v4.new_output` makes it, which checks its schema each time."""
    if kind in ("display_data", "execute_result"):
        fields["metadata"] = {}
    if kind == "execute_result":
        fields["execution_count"] = None
    return from_dict({"output_type": kind, **fields})


def _size(output: NotebookNode) -> int:
    data = output.get("data", {})
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    return 100 + sum(map(len, texts)) + sum(map(len, data.values()))


def _safe_output(output: object, room: int) -> tuple[NotebookNode | None, list[str]]:
    """Return one output made safe, None if nothing is left, and what was left out."""
    kind = output.get("output_type") if isinstance(output, dict) else None
    if kind == "stream":
        text, missing = _cut(output.get("text"), room)
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return (_output("stream", name=name, text=text) if text else None), missing
    if kind == "error":
        return _safe_error(output, room)
    if kind in ("display_data", "execute_result"):
        return _safe_display(output, kind, room)
    return None, [_("an output of an unknown kind")]


def _cut(text: object, room: int) -> tuple[str, list[str]]:
    raw = joined_raw(text)
    missing = [_("the rest of a long text")] if len(raw) > room else []
    return safe_text(raw[:room]), missing


def _safe_error(output: dict, room: int) -> tuple[NotebookNode, list[str]]:
    lines = output.get("traceback")
    text = "\n".join(line for line in lines if isinstance(line, str)) if _is_list(lines) else ""
    text, missing = _cut(text, room)
    name = " ".join(safe_text(output.get("ename")).split())[:120] or "Error"
    value = safe_text(joined_raw(output.get("evalue"))[:10_000])
    traceback = text.split("\n") if text else [f"{name}: {value}"]
    return _output("error", ename=name, evalue=value, traceback=traceback), missing


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _safe_display(output: dict, kind: str, room: int) -> tuple[NotebookNode | None, list[str]]:
    found = output.get("data")
    found = found if isinstance(found, dict) else {}
    data, missing = {}, []
    for name in PICTURES:
        if name not in found:
            continue
        picture = _picture(found[name], name, room)
        if picture:
            data[name] = picture
            room -= len(picture)
        else:
            missing.append(_("a picture that is damaged or too large"))
    if "text/plain" in found:
        text, cut = _cut(found["text/plain"], max(room, 0))
        missing += cut
        if text:
            data["text/plain"] = text
    if not data:
        if found and not missing:
            missing.append(_("an output that is neither text nor a picture"))
        return None, missing
    made = _output(kind, data=data)
    if kind == "execute_result":
        count = output.get("execution_count")
        made.execution_count = count if type(count) is int and 0 <= count < 10**6 else None
    return made, missing


def _picture(value: object, kind: str, room: int = MOST_OUTPUT) -> str:
    """Return a picture as base64, only what shows it; ``""`` if it is none, or too large."""
    text = joined_raw(value)
    if not text or len(text) > room + room // 50:  # line ends in the base64
        return ""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        bare = _bare_png(data) if kind == "image/png" else _bare_jpeg(data)
    except (binascii.Error, ValueError, struct.error, IndexError):
        return ""
    encoded = base64.b64encode(bare).decode("ascii")
    return encoded if 0 < len(encoded) <= room else ""


PNG = b"\x89PNG\r\n\x1a\n"
SHOWN = (b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"pHYs", b"IDAT", b"IEND")


def _bare_png(data: bytes) -> bytes:
    """Return a PNG's chunks that show it: no texts, no profiles, nothing behind its end."""
    if not data.startswith(PNG) or data[12:16] != b"IHDR":
        return b""
    width, height = struct.unpack(">II", data[16:24])
    if not 0 < width * height <= MOST_PIXELS:
        return b""
    kept, position = [PNG], len(PNG)
    while position + 12 <= len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        name, end = data[position + 4 : position + 8], position + 12 + length
        if end > len(data):
            return b""
        (crc,) = struct.unpack(">I", data[end - 4 : end])
        if crc != binascii.crc32(data[position + 4 : end - 4]):
            return b""
        if name in SHOWN:
            kept.append(data[position:end])
        if name == b"IEND":
            return b"".join(kept)
        position = end
    return b""


PRIVATE = {0xFE, *range(0xE1, 0xF0)} - {0xEE}
"""JPEG's comments, camera data and profiles; 0xEE says how the colours are to be read."""


def _bare_jpeg(data: bytes) -> bytes:
    """Return a JPEG without comments and camera data, if its segments are in order."""
    if not data.startswith(b"\xff\xd8\xff"):
        return b""
    kept, position, sized = [data[:2]], 2, False
    while position + 4 <= len(data):
        mark = data[position + 1]
        if data[position] != 0xFF:
            return b""
        end = position + 2 + struct.unpack(">H", data[position + 2 : position + 4])[0]
        if mark in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            sized = 0 < width * height <= MOST_PIXELS
        if mark == 0xDA:
            last = data.rfind(b"\xff\xd9")
            return b"".join([*kept, data[position : last + 2]]) if sized and last > end else b""
        if mark not in PRIVATE:
            kept.append(data[position:end])
        position = end
    return b""
