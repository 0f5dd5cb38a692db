"""A room opened by hand, and what is looked for from inside. As a program: the facts as JSON."""

import json
import sys
import time
from textwrap import dedent

from autograder.sandbox.limits import Limits
from autograder.sandbox.rooms import Zygote

SECONDS = 60
VEIL = 0x55


def veiled(text):
    """A text that isn't found where it is looked for only because it was asked for."""
    return [byte ^ VEIL for byte in text.encode()]


class Inside:
    """One room of a zygote; what is run in it must print JSON to be heard."""

    def __init__(self, zygote, files=None):
        self.room = zygote.room(files)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.room.close()

    def start(self, source):
        order = {"op": "run", "turn": "1", "source": dedent(source), "count": 1, "check": False}
        self.room.send(order, time.monotonic() + SECONDS)

    def outputs(self, seconds=SECONDS):
        """What the cell that was started showed, as it says itself."""
        from descentlab.wire import header_of

        while True:
            header = header_of(self.room.receive(time.monotonic() + seconds))
            if header.get("op") == "done":
                return header["outputs"]

    def run(self, source, seconds=SECONDS):
        """Run a cell and return what it printed, parsed."""
        self.start(source)
        outputs = self.outputs(seconds)
        errors = [o["traceback"] for o in outputs if o["output_type"] == "error"]
        assert not errors, "\n".join(errors[0])
        return json.loads("".join(o.get("text", "") for o in outputs) or "null")


FACTS = """
import ctypes, errno, gc, json, os, socket, stat, sys
libc = ctypes.CDLL(None, use_errno=True)
facts = {}

# Files: every name, and the content of all that isn't an installed package or a library.
names, found, writable = [], [], []
for folder, folders, files in os.walk("/"):
    names += [os.path.join(folder, name) for name in [*folders, *files]]
    if os.access(folder, os.W_OK):
        writable.append(folder)
    parts = folder.split("/")
    if folder.startswith("/site/") and parts[2] not in ("descentlab", "data"):
        continue
    if folder.startswith(("/usr/", "/lib")) or "/lib/python" in folder:
        continue
    for name in files:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            text = open(path, "rb").read().translate(VEIL)
            found += [path for needle in NEEDLES if needle in text]
facts["names"] = [n for n in names if any(w in n.lower() for w in UNSEEN)]
facts["writable"] = sorted(writable)
facts["in files"] = found
facts["count"] = len(names)
facts["proc"] = os.listdir("/proc")

# Memory: objects, then all that can be read near something that is known to be mapped.
everything = [t for t in gc.get_objects() if isinstance(t, (dict, list, tuple))]
texts = {x for t in everything for x in (t.values() if isinstance(t, dict) else t)
         if type(x) in (str, bytes)}
raw = [t if isinstance(t, bytes) else t.encode("utf-8", "replace") for t in texts]
facts["in objects"] = sum(n in r.translate(VEIL) for r in raw for n in NEEDLES)
facts["modules"] = [name for name in sys.modules if name.startswith("autograder")]
reader, writer = os.pipe()
def read(address, size):
    sent = libc.write(writer, ctypes.c_void_p(address), ctypes.c_size_t(size))
    return os.read(reader, size) if sent > 0 else b""
def block(address):
    whole = read(address, 65536)
    if len(whole) == 65536:
        return whole
    return b"".join(read(address + at, 4096) for at in range(0, 65536, 4096))
starts = {id(object()), id(0), id(json), id(type), id(facts), id(raw[0]), id(gc),
          ctypes.addressof(ctypes.c_int()), ctypes.cast(libc.write, ctypes.c_void_p).value,
          ctypes.cast(libc.environ, ctypes.c_void_p).value}
starts |= {id(t) & ~0xfffff for t in everything[::50]}
seen, hits, control, tail = set(), 0, 0, b""
for start in sorted(starts):
    address, misses = start & ~0xffff, 0
    while misses < 16 and address not in seen and len(seen) < 12_000:
        seen.add(address)
        content = block(address)
        if not content:
            misses, tail = misses + 1, b""
        else:
            whole = tail + content.translate(VEIL)
            hits += sum(n in whole for n in NEEDLES)
            control += KNOWN in whole
            tail = whole[-200:] if len(content) == 65536 else b""
        address += 65536
facts["in memory"], facts["control"], facts["blocks"] = hits, control, len(seen)
os.close(reader), os.close(writer)

# Descriptors.
facts["descriptors"] = []
for number in range(4096):
    try:
        kind = os.fstat(number)
    except OSError:
        continue
    null = stat.S_ISCHR(kind.st_mode) and kind.st_rdev == os.makedev(1, 3)
    word = "null" if null else "socket" if stat.S_ISSOCK(kind.st_mode) else "other"
    facts["descriptors"].append(word)

# Who we are, and what the kernel lets us do.
facts["ids"] = [*os.getresuid(), *os.getresgid()]
facts["groups"] = os.getgroups()
facts["host"] = os.uname().nodename
caps = (ctypes.c_uint32 * 6)()
libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), caps)
facts["capabilities"] = list(caps)
facts["seccomp"] = libc.prctl(21, 0, 0, 0, 0)
facts["no new privileges"] = libc.prctl(39, 0, 0, 0, 0)
def refused(name, *arguments):
    ctypes.set_errno(0)
    result = getattr(libc, name)(*arguments)
    return "" if result == -1 and ctypes.get_errno() in (1, 13, 38) else name
long = ctypes.c_long
facts["allowed"] = [word for word in (
    *(refused("unshare", flag) for flag in (0x20000, 0x10000000, 0x20000000, 0x40000000)),
    refused("ptrace", 16, 1, 0, 0), refused("mount", b"t", b"/tmp", b"tmpfs", 0, None),
    refused("umount2", b"/proc", 2), refused("chroot", b"/tmp"),
    refused("shmget", 1, 4096, 0o1666), refused("msgget", 1, 0o1666),
    refused("semget", 1, 1, 0o1666), refused("mq_open", b"/q", 0o102, 0o600, None),
    refused("memfd_create", b"m", 0), refused("inotify_init1", 0),
    refused("syscall", long(425), long(1), None), refused("syscall", long(438), long(3), 0, 0),
    refused("syscall", long(321), 0, None, 0), refused("syscall", long(435), None, 0),
    refused("process_vm_readv", 1, None, 0, None, 0, 0), refused("setns", 3, 0),
    *((refused("kill", 1, 0), refused("setuid", 0)) if os.getuid() != 65534 else ()),
) if word]

# The network.
facts["sockets"] = []
for family in range(1, 50):
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind).close()
            facts["sockets"].append(family)
        except OSError:
            pass
try:
    one = socket.socket(socket.AF_UNIX)
    one.connect(ABSTRACT)
    facts["abstract"] = "connected"
except OSError as error:
    facts["abstract"] = errno.errorcode[error.errno]
one.close()
print(json.dumps(facts))
"""


def source_of_facts(needles, known, unseen, abstract):
    """The cell that collects the facts; it holds nothing of what it looks for in clear."""
    return "\n".join(
        [
            f"VEIL = bytes(i ^ {VEIL} for i in range(256))",
            f"NEEDLES = [bytes(n) for n in {[veiled(n) for n in needles]}]",
            f"KNOWN = bytes({veiled(known)})",
            f"UNSEEN, ABSTRACT = {list(unseen)!r}, {abstract!r}",
            FACTS,
        ]
    )


def main():
    """Print the facts that a room finds; the arguments of `source_of_facts` come by stdin."""
    asked = json.load(sys.stdin)
    zygote = Zygote(Limits())
    try:
        with Inside(zygote) as inside:
            print(json.dumps(inside.run(source_of_facts(**asked))))
    finally:
        zygote.close()


if __name__ == "__main__":
    main()
