"""The process that student code is forked from; it never runs any itself.

Started by path, behind walls, with `-I -S`: it imports the standard library, NumPy, IPython,
matplotlib and descentlab, and knows no answer. For each submission it forks a room: namespaces of
its own, an empty /proc, fresh /tmp and /dev/shm, limits, an unprivileged user, one socket.
"""

import contextlib
import ctypes
import gc
import importlib.util
import io
import json
import os
import select
import signal
import socket
import struct
import sys
import time
import traceback
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x10000000, 0x20000000
CLONE_NEWNET, CLONE_NEWIPC = 0x40000000, 0x8000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36
NOBODY = 65534


def beside(name):
    """Load the file of this name that lies beside this one; neither is on the path."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


confine, cells = beside("confine"), beside("cells")
LIBC = confine.LIBC


# The zygote: wait for an order, fork a room.


def main():
    """Serve orders on the socket whose descriptor is the first argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    with contextlib.suppress(OSError):
        LIBC.prctl(PR_SET_DUMPABLE, 0)
    warm_up()
    gc.collect()
    gc.freeze()
    while True:
        order, descriptors = receive_order(control)
        if order is None:
            os._exit(0)
        for name in order["imports"]:  # what the lesson asks for; it stays for the next room
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        if len(os.listdir("/proc/self/task")) != 1:
            sys.exit("more than one thread: a fork would hang")
        open_room(order, descriptors[0], own)


def open_room(order, descriptor, own):
    """Fork a room's first process. Only root can come back from a new pid namespace; others need
    a process in between, and each fork costs 3 ms."""
    direct = order["walls"] and order["root"]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN if direct else signal.SIG_DFL)
    if direct:
        LIBC("unshare", ctypes.c_int(CLONE_NEWPID))
    child = os.fork()
    if child == 0:
        status = 4
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            enter_room(order, descriptor, direct)
            status = 0
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(status)
    os.close(descriptor)
    if direct:
        LIBC("setns", ctypes.c_int(own), ctypes.c_int(CLONE_NEWPID))
    else:
        os.waitpid(child, 0)


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
    from descentlab import answering, calls, checking, plots, widgets, wire  # noqa: F401

    calls.run(lambda x: x, calls.Call((np.zeros(2),)))

    for package in (descentlab, widgets):
        for name in package.__all__:
            getattr(package, name)
    np.linalg.eigvalsh(np.eye(3))
    np.random.default_rng(0).normal(size=3)
    fig, ax = plt.subplots()
    ax.plot([0, 1], label="a")
    ax.legend()
    fig.savefig(io.BytesIO(), format="png")
    plt.close(fig)
    shell = cells.make_shell()
    shell.run_cell("1 + 1", store_history=False)
    shell.run_cell("raise ValueError('once')", store_history=False)
    cells.Recorder.current = None


# The room: namespaces, mounts, then one process that is watched by its first one.


def enter_room(order, descriptor, direct):
    """Make the room round this process, and start the student's process in it.

    `direct` says that this is the first process of a new pid namespace already.
    """
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, 4096)
    walls = order["walls"]
    if walls:
        flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | (0 if direct else CLONE_NEWPID)
        user, group = os.getuid(), os.getgid()  # afterwards nobody has a number
        flags |= 0 if order["root"] else CLONE_NEWUSER
        LIBC("unshare", ctypes.c_int(flags))
        if not order["root"]:
            map_nobody(user, group)
    if not direct and os.fork():  # outside of the new pid namespace; it has done its part
        return
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    link = socket.socket(fileno=descriptor)
    try:
        if walls:
            cover(order)
        lay_out(link, order)
        link.send(bytes([3]) + frame({"op": "room", "pid": os.getpid()}))
        student = os.fork()
        if student == 0:
            os.setsid()
            confine.set_limits(order["limits"])
            if walls:
                confine.drop_privileges(order["uid"] if order["root"] else None)
            cells.be_the_student(link, order)
            os._exit(0)
        watch(student, link, walls)
    except BaseException as error:
        with contextlib.suppress(OSError):
            link.send(bytes([3]) + frame({"op": "no_room", "why": f"{error!r}"[:500]}))
    os._exit(0)


def frame(header):
    """The bytes of a small frame, as descentlab.wire has them, before it is imported."""
    text = json.dumps({**header, "arrays": []}).encode()
    return struct.pack("<I", len(text)) + text


def map_nobody(user, group):
    """Be nobody, and no group, in the new user namespace."""
    LIBC.prctl(PR_SET_DUMPABLE, 1)  # or the map would belong to root
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {user} 1"),
        ("gid_map", f"{NOBODY} {group} 1"),
    ):
        with open(f"/proc/self/{file}", "w") as stream:
            stream.write(text)
    LIBC.prctl(PR_SET_DUMPABLE, 0)


def cover(order):
    """Private mounts: fresh /tmp and /dev/shm of limited size, nothing in /proc."""
    LIBC.mount(None, "/", MS_REC | MS_PRIVATE)
    owner = f"mode=700,uid={order['uid']},gid={order['uid']}"
    kept = MS_NOSUID | MS_NODEV
    LIBC.mount("tmpfs", "/tmp", kept, f"size={order['disk']},nr_inodes=10000,{owner}")
    LIBC.mount(
        "tmpfs", "/dev/shm", kept | MS_NOEXEC, f"size={order['disk']},nr_inodes=1000,{owner}"
    )
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


def watch(student, link, walls):
    """Wait until the student's process ends, or nobody holds the other end of the link; then the
    room ends. The kernel buries what ends in it before."""
    for number in (signal.SIGTERM, signal.SIGINT):  # as the first process it hears no others
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    waiting = select.poll()
    waiting.register(os.pidfd_open(student), select.POLLIN)
    waiting.register(link, 0)  # it tells of a hang-up, and of nothing else
    if walls:
        confine.drop_privileges()
    else:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    waiting.poll()
    if not walls:
        end_all()


def end_all():
    """End what the student's process left behind, where no namespace does it; 1.5 s at most."""
    own = f"/proc/self/task/{os.getpid()}/children"
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        with open(own) as stream:
            children = stream.read().split()
        if not children:
            return
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        time.sleep(0.01)


if __name__ == "__main__":
    main()
