"""What transformers makes of a byte model, for the specs beside it.

  peer.py save FOLDER SEED                 a tiny Mamba2ForCausalLM as transformers saves it
  peer.py logits FOLDER BYTES FILE         its logits on the bytes of a file, as little-endian binary32 [length, 256]
"""

import sys

import numpy as np
import torch
from transformers import Mamba2Config, Mamba2ForCausalLM


def save(folder: str, seed: str) -> None:
    torch.manual_seed(int(seed))
    sizes = dict(vocab_size=256, hidden_size=32, num_hidden_layers=1, state_size=16, head_dim=32, num_heads=2, expand=2)
    fixed = dict(conv_kernel=4, n_groups=1, chunk_size=64, use_bias=False, use_conv_bias=True, rms_norm=True, layer_norm_epsilon=1e-5)
    ends = dict(bos_token_id=0, eos_token_id=0, pad_token_id=0)
    model = Mamba2ForCausalLM(Mamba2Config(**sizes, **fixed, **ends, tie_word_embeddings=True))
    model.save_pretrained(folder)


def logits(folder: str, given: str, to: str) -> None:
    model = Mamba2ForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokens = torch.tensor([list(open(given, "rb").read())])
    with torch.no_grad():
        found = model(tokens).logits[0]
    found.numpy().astype(np.dtype("<f4")).tofile(to)


if __name__ == "__main__":
    {"save": save, "logits": logits}[sys.argv[1]](*sys.argv[2:])
