"""Writing GGUF files: keys, tensors in the order they are given, each at a multiple of 32 bytes.

Standard library only, and only sums that IEEE 754 fixes, so that every Python and machine writes the same bytes.
"""
import array, struct, sys

U32, I32, F32, BOOL, STRING, ARRAY, U8 = 4, 5, 6, 7, 8, 9, 0  # types of values
TENSOR_F32, TENSOR_Q4_0, TENSOR_Q8_0 = 0, 2, 8  # types of tensors
ALIGN, BLOCK = 32, 32  # bytes between tensors; numbers that share one scale


def text(s):
    data = s.encode()
    return struct.pack("<Q", len(data)) + data


def key(name, kind, value):
    pack = {U32: "<I", F32: "<f", BOOL: "<?"}
    return text(name) + struct.pack("<I", kind) + (text(value) if kind == STRING else struct.pack(pack[kind], value))


def keys(name, kind, values):
    head = text(name) + struct.pack("<IIQ", ARRAY, kind, len(values))
    if kind == STRING:
        return head + b"".join(text(v) for v in values)
    return head + array.array({I32: "i", F32: "f", U8: "B"}[kind], values).tobytes()


def q8_0(values):
    """Rows as blocks: a half float d and 32 signed bytes q, each number being about d * q."""
    out = bytearray()
    for at in range(0, len(values), BLOCK):
        block = values[at:at + BLOCK]
        d = max(max(block), -min(block)) / 127
        by = 1 / d if d else 0.0
        out += struct.pack("<e32b", d, *[round(x * by) for x in block])
    return bytes(out)


def write(target, head, tensors):
    """head: packed keys. tensors: name, type, shape with the longest stride first, bytes."""
    if sys.byteorder != "little":
        sys.exit("setup: this machine's bytes run the other way; the model cannot be made on it")
    infos, bodies, at = [], [], 0
    for name, kind, shape, data in tensors:
        infos.append(text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), kind, at))
        bodies.append(data + bytes(-len(data) % ALIGN))
        at += len(bodies[-1])
    start = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(head)) + b"".join(head + infos)
    with open(target, "wb") as out:
        out.write(start + bytes(-len(start) % ALIGN))
        out.writelines(bodies)
