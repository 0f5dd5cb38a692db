"""The process that student code is forked from; it never runs any itself.

Started by path, behind walls, with `-I -S`: it imports the standard library, NumPy, IPython,
matplotlib and descentlab, and knows no answer. For each submission it forks a room: namespaces of
its own, an empty /proc, fresh /tmp and /dev/shm, limits, an unprivileged user, one socket.
"""

import contextlib
import ctypes
import gc
import io
import json
import os
import platform
import random
import resource
import signal
import socket
import struct
import sys

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x10000000, 0x20000000
CLONE_NEWNET, CLONE_NEWIPC = 0x40000000, 0x8000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
NOBODY = 65534

DENIED = {
    "x86_64": (
        0xC000003E,
        56,
        (
            *(101, 133, 155, 161, 165, 166, 167, 169, 175, 246, 248, 249, 250, 259, 272, 298),
            *(303, 304, 308, 310, 311, 312, 313, 321, 323, 425, 428, 429, 430, 438, 442),
        ),
    ),
    "aarch64": (
        0xC00000B7,
        220,
        (
            *(33, 39, 40, 41, 51, 97, 104, 105, 117, 142, 217, 218, 219, 224, 241, 264, 265),
            *(268, 270, 271, 272, 273, 280, 282, 425, 428, 429, 430, 438, 442),
        ),
    ),
}
"""Machine -> its audit number, clone's number, and the system calls that no exercise needs: ptrace,
mknod, mounts, chroot, unshare, setns, keys, bpf, perf, handles, other processes' memory, modules,
kexec, userfaultfd, io_uring, pidfd_getfd."""

CLONE3, NEW_NAMESPACES = 435, 0x7E020080


class Libc:
    """The few calls that Python 3.11 doesn't have."""

    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)

    def __call__(self, name, *arguments):
        """Call a C function; raise OSError when it says so."""
        if getattr(self.libc, name)(*arguments) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{name}: {os.strerror(number)}")

    def prctl(self, *arguments):
        """Set an attribute of this process."""
        five = [*arguments, *[0] * (5 - len(arguments))]
        self("prctl", *(ctypes.c_ulong(value) for value in five))

    def mount(self, kind, target, flags, options=""):
        """Mount a fresh file system, or change the flags of an old one."""
        words = (None if text is None else text.encode() for text in (kind, target, kind))
        source, where, name = words
        self("mount", source, where, name, ctypes.c_ulong(flags), options.encode())


LIBC = Libc()


# The zygote: wait for an order, fork a room.


def main():
    """Serve orders on the socket whose descriptor is the first argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    with contextlib.suppress(OSError):
        LIBC.prctl(PR_SET_DUMPABLE, 0)
    warm_up()
    gc.collect()
    gc.freeze()
    control.send(json.dumps({"op": "warm", "machine": platform.machine()}).encode())
    while True:
        order, descriptors = receive_order(control)
        if order is None:
            os._exit(0)
        if len(os.listdir("/proc/self/task")) != 1:
            control.send(json.dumps({"op": "broken", "why": "more than one thread"}).encode())
            os._exit(3)
        child = os.fork()
        if child == 0:
            status = 4
            try:
                control.close()
                enter_room(order, descriptors[0])
                status = 0
            finally:
                os._exit(status)
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        control.send(json.dumps({"op": "room", "status": status}).encode())


def receive_order(control):
    """One order and the descriptors that came with it; None when the supervisor is gone."""
    text, descriptors, _flags, _address = socket.recv_fds(control, 1 << 16, 4)
    return (json.loads(text) if text else None), descriptors


def warm_up():
    """Import and use what rooms need, so that no room pays for it."""
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    import matplotlib.pyplot as plt
    import mpl_toolkits.mplot3d  # noqa: F401 (its import takes long)
    import numpy as np

    import descentlab
    from descentlab import answering, calls, checking, plots, wire  # noqa: F401

    for name in descentlab.__all__:
        getattr(descentlab, name)
    np.linalg.eigvalsh(np.eye(3))
    np.random.default_rng(0).normal(size=3)
    fig, ax = plt.subplots()
    ax.plot([0, 1], label="a")
    ax.legend()
    fig.savefig(io.BytesIO(), format="png")
    plt.close(fig)
    shell = make_shell()
    shell.run_cell("1 + 1", store_history=False)
    shell.run_cell("raise ValueError('once')", store_history=False)
    Recorder.current = None


# The room: namespaces, mounts, then one process that is watched by its first one.


def enter_room(order, descriptor):
    """Make the room round this process, and start the student's process in it."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, 4096)
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    walls = order["walls"]
    if walls:
        flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC
        user = () if order["root"] else (CLONE_NEWUSER,)
        LIBC("unshare", ctypes.c_int(sum(user, flags)))
        if not order["root"]:
            map_nobody()
    if os.fork():  # this one is outside of the new pid namespace, and has done its part
        return
    link = socket.socket(fileno=descriptor)
    try:
        if walls:
            cover(order)
        lay_out(link, order)
        link.send(bytes([3]) + frame({"op": "room", "pid": os.getpid()}))
        student = os.fork()
        if student == 0:
            os.setsid()
            drop_privileges(order)
            be_the_student(link, order)
            os._exit(0)
        link.close()
        watch(student)
    except BaseException as error:
        with contextlib.suppress(OSError):
            link.send(bytes([3]) + frame({"op": "no_room", "why": f"{error!r}"[:500]}))
    os._exit(0)


def frame(header):
    """The bytes of a small frame, as descentlab.wire has them, before it is imported."""
    text = json.dumps({**header, "arrays": []}).encode()
    return struct.pack("<I", len(text)) + text


def map_nobody():
    """Be nobody, and no group, in the new user namespace."""
    user, group = os.getuid(), os.getgid()
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {user} 1"),
        ("gid_map", f"{NOBODY} {group} 1"),
    ):
        with open(f"/proc/self/{file}", "w") as stream:
            stream.write(text)


def cover(order):
    """Private mounts: fresh /tmp and /dev/shm of limited size, nothing in /proc."""
    LIBC.mount(None, "/", MS_REC | MS_PRIVATE)
    owner = f"mode=700,uid={order['uid']},gid={order['uid']}"
    kept = MS_NOSUID | MS_NODEV
    LIBC.mount("tmpfs", "/tmp", kept, f"size={order['disk']},nr_inodes=10000,{owner}")
    LIBC.mount("tmpfs", "/dev/shm", kept | MS_NOEXEC, f"size={order['disk']},{owner}")
    LIBC.mount("tmpfs", "/proc", kept | MS_NOEXEC | MS_RDONLY, "size=4k,mode=555")


def lay_out(link, order):
    """Put the student's own files into the folder where the notebook runs."""
    from descentlab.wire import Link, header_of

    home = order["home"]
    os.makedirs(home, exist_ok=True)
    os.chdir(home)
    files = Link(link)
    for _ in range(order["files"]):
        sent = files.receive()
        header = header_of(sent)
        path = os.path.join(home, header["name"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(sent[header["at"] :])
    if order["walls"]:
        for folder, _folders, names in os.walk(home):
            for path in (folder, *(os.path.join(folder, name) for name in names)):
                os.chown(path, order["uid"], order["uid"])


def watch(student):
    """Wait for the student's process, and bury what it left behind; then the room ends."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        try:
            pid, _status = os.wait()
        except ChildProcessError:
            return
        if pid == student:
            return


def drop_privileges(order):
    """Limits first, then the user, the capabilities, and the system calls that nobody needs."""
    for name, amount in order["limits"].items():
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(which, (amount, amount))
    if not order["walls"]:
        return
    LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(64):
        with contextlib.suppress(OSError):
            LIBC.prctl(PR_CAPBSET_DROP, capability)
    if order["root"]:
        os.setgroups([])
        os.setresgid(order["uid"], order["uid"], order["uid"])
        os.setresuid(order["uid"], order["uid"], order["uid"])
    head = struct.pack("Ii", 0x20080522, 0)
    LIBC("capset", ctypes.c_char_p(head), ctypes.c_char_p(bytes(24)))
    with contextlib.suppress(OSError):
        LIBC.prctl(PR_SET_DUMPABLE, 0)
    deny_calls()


def deny_calls():
    """A filter in the kernel; a machine that isn't in the table goes without."""
    known = DENIED.get(platform.machine())
    if known is None:
        return
    audit, clone, numbers = known
    load, equal, greater, bits, back = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, refuse, unknown = 0x7FFF0000, 0x00050001, 0x00050026
    program = [(load, 0, 0, 4), (equal, 1, 0, audit), (back, 0, 0, refuse), (load, 0, 0, 0)]
    program += [(greater, 0, 1, 0x40000000), (back, 0, 0, refuse)]
    for number in numbers:
        program += [(equal, 0, 1, number), (back, 0, 0, refuse)]
    program += [(equal, 0, 1, CLONE3), (back, 0, 0, unknown)]
    program += [(equal, 0, 3, clone), (load, 0, 0, 16), (bits, 0, 1, NEW_NAMESPACES)]
    program += [(back, 0, 0, refuse), (back, 0, 0, allow)]
    text = b"".join(struct.pack("HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(text, len(text))
    header = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(buffer))
    whole = ctypes.create_string_buffer(header, len(header))
    LIBC.prctl(PR_SET_SECCOMP, 2, ctypes.addressof(whole))


# The student's process: cells in, outputs out.


def be_the_student(end, order):
    """Run what the supervisor sends until it closes its end."""
    import numpy as np
    from IPython import get_ipython

    from descentlab import answering
    from descentlab.wire import Link, header_of

    random.seed()
    np.random.seed()  # noqa: NPY002 (whoever uses it gets numbers of their own)
    link = answering.LINK = Link(end)
    shell = get_ipython()
    recorder = Recorder.current = Recorder(order["output"])
    link.send({"op": "ready"})
    while True:
        try:
            header = header_of(link.receive())
        except EOFError:
            return
        if header.get("op") != "run":
            continue
        recorder.begin()
        shell.execution_count = header["count"]
        result = shell.run_cell(header["source"], store_history=False)
        sys.stdout.flush()
        ended = "" if result.success else "error"
        link.send({"op": "done", "ended": ended, "outputs": recorder.outputs})


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
        text = text if cut else text[: self.left]
        self.left -= 0 if cut else len(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == name:
            last["text"] += text
        elif text:
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
    import base64

    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    main()
