"""The frames that pass between a student's process, its supervisor and the oracle.

A frame is a JSON header and raw little-endian arrays: nothing that is received is ever unpickled,
evaluated or called. Frames travel over a Unix socket that keeps packets apart (SOCK_SEQPACKET), and
the kernel says with each packet which process sent it.
"""

from __future__ import annotations

import json
import math
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from descentlab import states
from descentlab.calls import Given, Seeded

PACKET = 96 * 1024
"""Bytes in one packet, well below a socket's default buffer."""

MOST_BYTES = 64 * 1024 * 1024
"""Bytes in one frame; the largest of the course, a random exercise's images, has about 5 MB."""

MOST_HEADER = 4 * 1024 * 1024
"""Bytes in a header: as Python objects it takes twenty times as much memory."""

MOST_PARTS = 50_000
MOST_ARRAYS = 2_000
MOST_DEPTH = 8
MOST_TEXT = 20_000
MOST_NAME = 100
MOST_OBJECTS = 1_000_000

FIRST, LAST = 1, 2
TYPES = frozenset("|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8 <c8 <c16".split())
NAMED = {
    name: getattr(states, name)
    for name in ("AdamState", "AdadeltaState", "RmsState", "BatchNormCache")
}
CREDENTIALS = struct.Struct("3i")
UNREADABLE = (
    *(TypeError, ValueError, KeyError, IndexError, OverflowError, AttributeError),
    *(RecursionError, MemoryError),
)
"""What reading may raise of something that isn't what it should be."""


class WireError(ValueError):
    """What came isn't a frame, or is larger than frames may be."""


class Link:
    """One end of a socket that carries frames.

    A frame that is cut off, by a signal or by the sender's end, is dropped when the next begins.
    """

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.parts: dict[int, list[bytes]] = {}
        self.sizes: dict[int, int] = {}

    def send(self, header: dict[str, Any], *values: Any) -> None:
        """Send a header, and values as `pack` takes them, under the key "values"."""
        self.send_bytes(to_bytes(header, values))

    def send_bytes(self, frame: bytes) -> None:
        """Send a frame that is bytes already."""
        for packet in packets(frame):
            self.end.sendall(packet)

    def receive(self) -> bytes:
        """Wait for a frame.

        Raises
        ------
        EOFError
            Nobody holds the other end any more.
        WireError
            The frame is too large.
        """
        while True:
            frame, _sender = self.receive_packet()
            if frame is not None:
                return frame

    def receive_packet(self) -> tuple[bytes | None, int]:
        """Take one packet; return the frame that it ends, else None, and who sent it.

        The sender's number is 0 where the socket wasn't told to ask for it (SO_PASSCRED).
        """
        space = socket.CMSG_SPACE(CREDENTIALS.size)
        packet, ancillary, _flags, _address = self.end.recvmsg(PACKET + 1, space)
        if not packet:
            raise EOFError("the other end is closed")
        sender = 0
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                sender = CREDENTIALS.unpack(data[: CREDENTIALS.size])[0]
        return self._assembled(packet, sender), sender

    def forget(self) -> None:
        """Drop what has come of frames that aren't whole."""
        self.parts.clear()
        self.sizes.clear()

    def _assembled(self, packet: bytes, sender: int) -> bytes | None:
        flags, body = packet[0], packet[1:]
        if flags & FIRST:
            self.parts[sender], self.sizes[sender] = [], 0
        parts = self.parts.get(sender)
        if parts is None:
            return None
        parts.append(body)
        self.sizes[sender] += len(body)
        if not flags & LAST and len(body) != PACKET:
            raise WireError("a packet in the middle of a frame that isn't full")
        if self.sizes[sender] > MOST_BYTES:
            raise WireError(f"a frame of more than {MOST_BYTES} bytes")
        if not flags & LAST:
            return None
        del self.parts[sender], self.sizes[sender]
        return b"".join(parts)


def packets(frame: bytes) -> Iterator[bytes]:
    """A frame cut into packets: one byte that says which is the first and the last, then data."""
    view = memoryview(frame)
    count = max(1, math.ceil(len(frame) / PACKET))
    for i in range(count):
        flags = (FIRST if i == 0 else 0) | (LAST if i == count - 1 else 0)
        yield bytes([flags]) + view[i * PACKET : (i + 1) * PACKET]


def to_bytes(header: dict[str, Any], values: tuple = ()) -> bytes:
    """A frame: the length of its header, the header, the arrays one after the other."""
    arrays: list[np.ndarray] = []
    whole = dict(header)
    if values:
        whole["values"] = [pack(value, arrays) for value in values]
    whole["arrays"] = [[array.dtype.str, list(array.shape)] for array in arrays]
    text = json.dumps(whole, separators=(",", ":")).encode()
    return b"".join([struct.pack("<I", len(text)), text, *(array.tobytes() for array in arrays)])


def header_of(frame: bytes) -> dict[str, Any]:
    """The header of a frame, its values still packed.

    Raises
    ------
    WireError
        There is no header.
    """
    try:
        length = struct.unpack_from("<I", frame)[0]
        if length > MOST_HEADER:
            raise WireError(f"a header of {length} bytes")
        header = json.loads(frame[4 : 4 + length])
    except WireError:
        raise
    except (struct.error, ValueError, RecursionError) as error:
        raise WireError(f"no header: {error}") from error
    if not isinstance(header, dict) or len(frame) < 4 + length:
        raise WireError("no header")
    header["at"] = 4 + length
    return header


def values_of(frame: bytes, header: dict[str, Any], given: Callable | None = None) -> list[Any]:
    """The values of a frame.

    Parameters
    ----------
    frame, header : a frame and what `header_of` said of it
    given : name -> the function that stands for a function argument of that name

    Raises
    ------
    WireError
        They aren't what `pack` makes.
    """
    try:
        arrays = _arrays(frame, header)
        return Unpacking(arrays, given).all(header.get("values", []))
    except WireError:
        raise
    except UNREADABLE as error:
        raise WireError(f"values that can't be read: {error}") from error


def _arrays(frame: bytes, header: dict[str, Any]) -> list[np.ndarray]:
    described = header["arrays"]
    if len(described) > MOST_ARRAYS:
        raise WireError(f"{len(described)} arrays")
    found, at = [], header["at"]
    for kind, shape in described:
        if kind not in TYPES or len(shape) > MOST_DEPTH:
            raise WireError("an array of a type or shape that isn't sent")
        if not all(type(length) is int and 0 <= length <= MOST_BYTES for length in shape):
            raise WireError("an array of an impossible shape")
        count = math.prod(shape)
        size = count * np.dtype(kind).itemsize
        if size > len(frame) - at:
            raise WireError("an array that is longer than its frame")
        found.append(np.frombuffer(frame, kind, count, at).reshape(shape))
        at += size
    return found


def pack(value: Any, arrays: list[np.ndarray], depth: int = MOST_DEPTH) -> Any:
    """A value as JSON has it; arrays are put into the list and named by their place there.

    What can't be sent (an object, a list in itself) is named by its type alone.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return _pack_array(value, arrays)
    if isinstance(value, int):
        return int(value) if abs(value) < 2**63 else _other(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return {"s": str(value)[:MOST_TEXT]}
    if isinstance(value, Seeded):
        return {"rng": value.seed}
    if isinstance(value, Given):
        return {"fn": value.name}
    if isinstance(value, list | tuple) and depth and len(value) <= MOST_PARTS:
        inner = [pack(part, arrays, depth - 1) for part in value]
        name = type(value).__name__
        if isinstance(value, list):
            return {"l": inner}
        return {"t": inner, "as": name} if type(value) is NAMED.get(name) else {"t": inner}
    return _other(value, arrays)


def _pack_array(value: np.generic | np.ndarray, arrays: list[np.ndarray]) -> Any:
    array = np.asarray(value)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(float)
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if array.dtype.str not in TYPES or len(arrays) >= MOST_ARRAYS:
        return {"o": str(array.dtype)[:MOST_NAME], "shape": list(array.shape)}
    arrays.append(array)
    kind = "n" if isinstance(value, np.generic) else "a"
    return {kind: len(arrays) - 1}


def _other(value: Any, arrays: list[np.ndarray] | None = None) -> dict[str, Any]:
    """An object by its type's name, with its numbers where NumPy finds some in it."""
    packed: dict[str, Any] = {"other": str(type(value).__name__)[:MOST_NAME]}
    if arrays is not None and hasattr(value, "__array__"):
        try:
            array = np.asarray(value)
        except Exception:  # whatever an object does when it is asked for its numbers
            return packed
        if array.dtype.kind in "biufc":
            packed["holds"] = _pack_array(array, arrays)
    return packed


class Unpacking:
    """Values out of a header, with a bound on how many there are."""

    def __init__(self, arrays: list[np.ndarray], given: Callable | None) -> None:
        self.arrays = arrays
        self.given = given
        self.left = MOST_PARTS
        self.objects = MOST_OBJECTS

    def all(self, packed: Any) -> list[Any]:
        """Each value of a list."""
        if not isinstance(packed, list):
            raise WireError("values that are no list")
        return [self.one(part) for part in packed]

    def one(self, packed: Any, depth: int = MOST_DEPTH) -> Any:
        """One value."""
        self.left -= 1
        if self.left < 0 or depth < 0:
            raise WireError("more values than a frame may hold")
        if packed is None or isinstance(packed, bool | int | float):
            return packed
        if not isinstance(packed, dict):
            raise WireError(f"a value that is a {type(packed).__name__}")
        for key, read in READERS.items():
            if key in packed:
                return read(self, packed, depth)
        raise WireError("a value of an unknown kind")

    def _inside(self, parts: Any, depth: int) -> list[Any]:
        if not isinstance(parts, list):
            raise WireError("a sequence that is no list")
        return [self.one(part, depth - 1) for part in parts]

    def _tuple(self, packed: dict, depth: int) -> tuple:
        parts = self._inside(packed["t"], depth)
        named = NAMED.get(packed.get("as"))
        return named(*parts) if named and len(named._fields) == len(parts) else tuple(parts)

    def _function(self, packed: dict, _depth: int) -> Any:
        if self.given is None:
            raise WireError("a function where none may be")
        return self.given(str(packed["fn"]))

    def _object_array(self, packed: dict, _depth: int) -> np.ndarray:
        """An array of objects by its shape; it takes no room, a copy of it would."""
        shape = [int(length) for length in packed["shape"]][:MOST_DEPTH]
        self.objects -= math.prod(shape)
        if self.objects < 0:
            raise WireError("more objects than a frame may hold")
        return np.broadcast_to(np.array(None, dtype=object), shape)

    def _foreign(self, packed: dict, depth: int) -> Any:
        """An object's numbers, as NumPy finds them; without any, something of its type's name."""
        if packed.get("holds") is not None:
            return self.one(packed["holds"], depth - 1)
        return foreign(str(packed["other"])[:MOST_NAME])


READERS: dict[str, Callable[[Unpacking, dict, int], Any]] = {
    "a": lambda u, packed, depth: u.arrays[_place(packed["a"])],
    "n": lambda u, packed, depth: u.arrays[_place(packed["n"])].reshape(())[()],
    "s": lambda u, packed, depth: str(packed["s"])[:MOST_TEXT],
    "l": lambda u, packed, depth: u._inside(packed["l"], depth),
    "t": Unpacking._tuple,
    "rng": lambda u, packed, depth: Seeded(int(packed["rng"])),
    "fn": Unpacking._function,
    "o": Unpacking._object_array,
    "other": Unpacking._foreign,
}


def _place(index: Any) -> int:
    if type(index) is not int or index < 0:
        raise WireError("an array that isn't there")
    return index


def foreign(name: str) -> Any:
    """Stands for an object of a student's: its type bears the same name, and nothing else."""
    return type(name if name.isidentifier() else "object", (), {})()
