"""The student's process: cells in, outputs out. The zygote loads this file by its path."""

import base64
import io
import json
import os
import random
import sys


def be_the_student(end, order):
    """Run what the supervisor sends until it closes its end."""
    import numpy as np
    from IPython import get_ipython

    from descentlab import answering, check
    from descentlab.wire import Link, header_of

    random.seed()
    np.random.seed()  # noqa: NPY002 (whoever uses it gets numbers of their own)
    link = answering.LINK = Link(end)
    shell = get_ipython()
    recorder = Recorder.current = Recorder(order["output"])
    own = os.getpid()
    link.send({"op": "ready"})
    while True:
        try:
            header = header_of(link.receive())
        except EOFError:
            return
        if header.get("op") != "run":
            continue
        answering.TURN = header["turn"]
        if header["check"]:  # whatever a cell before made of the name
            shell.user_ns["check"] = check
        recorder.begin()
        shell.execution_count = header["count"]
        result = shell.run_cell(header["source"], store_history=False)
        if os.getpid() != own:  # a fork that a cell forgot to end would take our frames
            os._exit(0)
        sys.stdout.flush()
        ended = "" if result.success else "error"
        done = {"op": "done", "turn": header["turn"], "ended": ended}
        link.send({**done, "outputs": recorder.outputs})


class Recorder:
    """What one cell shows, as a notebook keeps it, up to a number of bytes."""

    current = None

    def __init__(self, most):
        self.most = most
        self.begin()

    def begin(self):
        """Forget the cell before."""
        self.outputs, self.left = [], self.most

    def add(self, output):
        """Keep an output, or what fits of it."""
        size = len(json.dumps(output, default=str))
        if size <= self.left:
            self.left -= size
            self.outputs.append(output)
        elif self.left > 0:
            self.left = 0
            self.stream("stdout", "\n[what this cell shows is cut off here]\n", cut=True)

    def stream(self, name, text, *, cut=False):
        """Text that was printed goes to the end of what was printed before."""
        if not cut:
            text = text[: self.left]
            if not text.isascii():  # a letter takes up to twelve bytes on its way
                text = text[: self.left // 12] if len(json.dumps(text)) > self.left else text
            self.left -= len(text) if text.isascii() else len(json.dumps(text))
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == name:
            last["text"] += text
        elif text:
            self.left -= 0 if cut else 60
            self.outputs.append({"output_type": "stream", "name": name, "text": text})


class Printed(io.TextIOBase):
    """Stands for stdout or stderr."""

    encoding = "utf-8"

    def __init__(self, name):
        self.name = name

    def writable(self):
        return True

    def write(self, text):
        if Recorder.current is not None:
            Recorder.current.stream(self.name, str(text))
        return len(text)


def make_shell():
    """IPython as a notebook has it, without history, its outputs recorded."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets import Type
    from traitlets.config import Config

    def record(kind, data, metadata=None, **more):
        if Recorder.current is not None:
            data = {name: value for name, value in data.items() if name in KEPT}
            data = {name: coded(value) for name, value in data.items()}
            shown = {"output_type": kind, "data": data, "metadata": {}, **more}
            Recorder.current.add(shown)

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, **_more):
            record("display_data", data)

        def clear_output(self, wait=False):
            if Recorder.current is not None:
                Recorder.current.outputs.clear()

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            count = self.shell.execution_count
            record("execute_result", format_dict, execution_count=count)

    class Shell(InteractiveShell):
        display_pub_class = Type(Publisher)
        displayhook_class = Type(Hook)
        readline_use = False

        def _showtraceback(self, etype, evalue, stb):
            name, text = str(getattr(etype, "__name__", etype)), str(evalue)
            lines = [str(line) for line in stb]
            if Recorder.current is not None:
                Recorder.current.add(
                    {"output_type": "error", "ename": name, "evalue": text, "traceback": lines}
                )

        def enable_gui(self, gui=None):
            pass

    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    sys.stdout, sys.stderr = Printed("stdout"), Printed("stderr")
    shell.enable_matplotlib("inline")
    return shell


KEPT = {"text/plain", "image/png", "image/jpeg"}


def coded(value):
    """Pictures as text."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
