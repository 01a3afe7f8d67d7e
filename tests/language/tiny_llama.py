"""A Llama of a few thousand random weights, in the files that servers load: it answers at once, and with nonsense."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

__all__ = ["HIDDEN", "INNER", "WORDS", "make_weights", "save_llama"]

HIDDEN, INNER, HEADS, CONTEXT = 32, 64, 2, 4096
_SAID = 'go to pick up open put the a red blue key door ball box next { } [ ] : , "'
WORDS = ["<unk>", "<s>", "</s>", *_SAID.split()]

_TEMPLATE = "{% for m in messages %}{{ m['role'] }} {{ m['content'] }} {% endfor %}"
_CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": HIDDEN,
    "intermediate_size": INNER,
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS,
    "num_hidden_layers": 1,
    "max_position_embeddings": CONTEXT,
    "rms_norm_eps": 1e-5,
    "vocab_size": len(WORDS),
    "bos_token_id": 1,
    "eos_token_id": 2,
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
}
_TOKENIZER = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "unk_token": "<unk>",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "chat_template": _TEMPLATE,
}


def make_weights(seed: int) -> dict[str, NDArray[np.float32]]:
    """Random weights under the names that Llama's layers have."""
    layer = "model.layers.0"
    square, wide, tall, words = (HIDDEN, HIDDEN), (INNER, HIDDEN), (HIDDEN, INNER), (len(WORDS), HIDDEN)
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": words,
        "model.norm.weight": (HIDDEN,),
        "lm_head.weight": words,
        f"{layer}.input_layernorm.weight": (HIDDEN,),
        f"{layer}.post_attention_layernorm.weight": (HIDDEN,),
        **{f"{layer}.self_attn.{part}_proj.weight": square for part in "qkvo"},
        f"{layer}.mlp.gate_proj.weight": wide,
        f"{layer}.mlp.up_proj.weight": wide,
        f"{layer}.mlp.down_proj.weight": tall,
    }
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def save_llama(folder: Path, seed: int = 0) -> None:
    """The model in the layout of `transformers`."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    folder.mkdir(parents=True)
    words = Tokenizer(WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    words.add_special_tokens(WORDS[:3])
    words.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(_TOKENIZER))
    (folder / "config.json").write_text(json.dumps(_CONFIG))
    (folder / "generation_config.json").write_text(json.dumps({"bos_token_id": 1, "eos_token_id": 2}))
    save_file(make_weights(seed), folder / "model.safetensors", metadata={"format": "pt"})
