"""What a room's processes may not do: limits, user, capabilities, and a filter of system calls.

The zygote loads this file by its path. A call to the kernel that no exercise needs is refused:
whatever reaches into other processes or namespaces, mounts, loads or traces; every socket but Unix
ones (a virtual machine's host answers on VSOCK in any network namespace); memory that no limit
counts (memfd, System V and POSIX queues, shared mappings without a file); and locks on files that
other rooms see too.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct

PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38

DENIED = {
    "ptrace": (101, 117),
    "personality": (135, 92),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "perf_event_open": (298, 241),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "flock": (73, 32),
    "vmsplice": (278, 75),
    "syslog": (103, 116),
    "io_setup": (206, 0),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "cachestat": (451, 451),
}
"""System call -> its number on x86_64 and on aarch64."""

MACHINES = {
    "x86_64": (
        0,
        0xC000003E,
        {"clone": 56, "mmap": 9, "socket": 41, "socketpair": 53, "fcntl": 72},
    ),
    "aarch64": (
        1,
        0xC00000B7,
        {"clone": 220, "mmap": 222, "socket": 198, "socketpair": 199, "fcntl": 25},
    ),
}
"""Machine -> its column in DENIED, its audit number, the calls whose arguments are looked at."""

CLONE3, NEW_NAMESPACES, UNIX, SHARED_ANONYMOUS = 435, 0x7E020080, 1, 0x21
LOAD, EQUAL, GREATER, BITS, AND, BACK = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
LOCKS = (5, 6, 7, 36, 37, 38, 1024, 1025, 1026)
"""What `fcntl` does to a file that other rooms see as well: locks, leases, notices."""

ALLOW, REFUSE, UNKNOWN = 0x7FFF0000, 0x00050001, 0x00050026


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


def set_limits(limits):
    """Name of a limit -> amount; one that is lower already stays."""
    for name, amount in limits.items():
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(which, (amount, amount))


def drop_privileges(user=None):
    """Be this user (as before, if None), without a capability, behind the filter, for good."""
    LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1)
    with contextlib.suppress(OSError):  # the first that this kernel doesn't know, or any user's
        for capability in range(64):
            LIBC.prctl(PR_CAPBSET_DROP, capability)
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    head = struct.pack("Ii", 0x20080522, 0)
    LIBC("capset", ctypes.c_char_p(head), ctypes.c_char_p(bytes(24)))
    LIBC.prctl(PR_SET_DUMPABLE, 0)
    deny_calls()


def deny_calls():
    """Set the filter; a machine that isn't in the table goes without."""
    if not FILTER:
        return
    buffer = ctypes.create_string_buffer(FILTER, len(FILTER))
    header = struct.pack("HxxxxxxQ", len(FILTER) // 8, ctypes.addressof(buffer))
    whole = ctypes.create_string_buffer(header, len(header))
    LIBC.prctl(PR_SET_SECCOMP, 2, ctypes.addressof(whole))


def program(machine):
    """The filter as the kernel reads it: (what, lines to skip if so, if not, number) a line."""
    column, audit, looked_at = MACHINES[machine]
    lines = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, audit), (BACK, 0, 0, REFUSE), (LOAD, 0, 0, 0)]
    if machine == "x86_64":  # the calls of its other ABI
        lines += [(GREATER, 0, 1, 0x40000000), (BACK, 0, 0, REFUSE)]
    for numbers in DENIED.values():
        if numbers[column] is not None:
            lines += [(EQUAL, 0, 1, numbers[column]), (BACK, 0, 0, REFUSE)]
    lines += [(EQUAL, 0, 1, CLONE3), (BACK, 0, 0, UNKNOWN)]
    lines += [(EQUAL, 0, 4, looked_at["clone"]), (LOAD, 0, 0, argument(0))]
    lines += [(BITS, 0, 1, NEW_NAMESPACES), (BACK, 0, 0, REFUSE), (BACK, 0, 0, ALLOW)]
    for name in ("socket", "socketpair"):
        lines += [(EQUAL, 0, 4, looked_at[name]), (LOAD, 0, 0, argument(0))]
        lines += [(EQUAL, 1, 0, UNIX), (BACK, 0, 0, REFUSE), (BACK, 0, 0, ALLOW)]
    lines += [(EQUAL, 0, 2 + 2 * len(LOCKS), looked_at["fcntl"]), (LOAD, 0, 0, argument(1))]
    for command in LOCKS:
        lines += [(EQUAL, 0, 1, command), (BACK, 0, 0, REFUSE)]
    lines += [(BACK, 0, 0, ALLOW)]
    lines += [(EQUAL, 0, 4, looked_at["mmap"]), (LOAD, 0, 0, argument(3))]
    lines += [(AND, 0, 0, SHARED_ANONYMOUS), (EQUAL, 0, 1, SHARED_ANONYMOUS)]
    return [*lines, (BACK, 0, 0, REFUSE), (BACK, 0, 0, ALLOW)]


def argument(index):
    """Where the lower half of a call's argument stands; little-endian."""
    return 16 + 8 * index


MACHINE = platform.machine()
FILTER = b"".join(
    struct.pack("HBBI", *line) for line in (program(MACHINE) if MACHINE in MACHINES else ())
)
