"""Mamba-2 (SSD) in plain PyTorch, trained like the native trainer: the peer of `npm run bench trainer`.

Prints one JSON object: tokens per second of a training step (forward, backward, clip, AdamW), the median of the steps.
"""

import argparse
import json
import math
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

VOCABULARY, STATE, HEAD, CHUNK, TAPS = 256, 64, 64, 64, 4


def segment_sums(x):
    """[..., T] -> [..., T, T]: the sum of x from j (exclusive) to i, minus infinity where j > i."""
    length = x.size(-1)
    sums = torch.cumsum(x, -1)
    differences = sums[..., :, None] - sums[..., None, :]
    return differences.masked_fill(~torch.tril(torch.ones(length, length, dtype=torch.bool)), -torch.inf)


def ssd(x, dt, a, b, c):
    """x [batch, T, heads, head], dt [batch, T, heads], a [heads], b and c [batch, T, state] -> like x."""
    batch, length, heads, head = x.shape
    chunks = length // CHUNK
    inputs = (x * dt[..., None]).view(batch, chunks, CHUNK, heads, head)
    decay = (dt * a).view(batch, chunks, CHUNK, heads).permute(0, 3, 1, 2)
    b, c = (each.view(batch, chunks, CHUNK, STATE) for each in (b, c))
    sums = torch.cumsum(decay, -1)
    mixing = torch.exp(segment_sums(decay)) * torch.einsum("bcin,bcjn->bcij", c, b)[:, None]
    within = torch.einsum("bhcij,bcjhp->bcihp", mixing, inputs)
    states = torch.einsum("bcjn,bhcj,bcjhp->bchpn", b, torch.exp(sums[..., -1:] - sums), inputs)
    states = torch.cat([torch.zeros_like(states[:, :1]), states], 1)
    passing = torch.exp(segment_sums(F.pad(sums[..., -1], (1, 0))))
    states = torch.einsum("bhzc,bchpn->bzhpn", passing, states)[:, :-1]
    across = torch.einsum("bcin,bchpn,bhci->bcihp", c, states, torch.exp(sums))
    return (within + across).reshape(batch, length, heads, head)


class Block(nn.Module):
    def __init__(self, width, layers):
        super().__init__()
        self.inner = 2 * width
        self.heads = self.inner // HEAD
        channels = self.inner + 2 * STATE
        self.norm = nn.RMSNorm(width)
        self.in_proj = nn.Linear(width, self.inner + channels + self.heads, bias=False)
        self.conv = nn.Conv1d(channels, channels, TAPS, groups=channels, padding=TAPS - 1)
        step = torch.exp(torch.rand(self.heads) * (math.log(0.1) - math.log(0.001)) + math.log(0.001))
        self.step_bias = nn.Parameter(step + torch.log(-torch.expm1(-step)))
        self.decay_log = nn.Parameter(torch.log(torch.empty(self.heads).uniform_(1, 16)))
        self.skip = nn.Parameter(torch.ones(self.heads))
        self.gate_norm = nn.RMSNorm(self.inner)
        self.out_proj = nn.Linear(self.inner, width, bias=False)
        self.out_proj.weight.data /= math.sqrt(layers)

    def forward(self, given):
        batch, length, _ = given.shape
        sizes = [self.inner, self.inner + 2 * STATE, self.heads]
        gate, mixed, step = torch.split(self.in_proj(self.norm(given)), sizes, -1)
        mixed = F.silu(self.conv(mixed.transpose(1, 2))[..., :length].transpose(1, 2))
        x, b, c = torch.split(mixed, [self.inner, STATE, STATE], -1)
        step = F.softplus(step + self.step_bias)
        x = x.reshape(batch, length, self.heads, HEAD)
        y = ssd(x, step, -torch.exp(self.decay_log), b, c) + self.skip[:, None] * x
        return given + self.out_proj(self.gate_norm(y.reshape(batch, length, self.inner) * F.silu(gate)))


class ByteModel(nn.Module):
    def __init__(self, width, layers):
        super().__init__()
        self.embeddings = nn.Embedding(VOCABULARY, width)
        nn.init.normal_(self.embeddings.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(width, layers) for _ in range(layers))
        self.norm = nn.RMSNorm(width)

    def forward(self, tokens):
        x = self.embeddings(tokens)
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.embeddings.weight.T


def main():
    parser = argparse.ArgumentParser()
    for name, value in dict(width=128, layers=4, length=256, batch=8, steps=10, threads=2).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    model = ByteModel(options.width, options.layers)
    called = torch.compile(model) if options.compile else model
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, foreach=True)

    def step():
        tokens = torch.randint(0, VOCABULARY, (options.batch, options.length + 1))
        loss = F.cross_entropy(called(tokens[:, :-1]).reshape(-1, VOCABULARY), tokens[:, 1:].reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        return loss.item()

    for _ in range(3):
        step()
    seconds = []
    for _ in range(options.steps):
        begin = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - begin)
    rate = options.batch * options.length / statistics.median(seconds)
    print(json.dumps({"tokensPerSecond": rate, "version": torch.__version__}))


if __name__ == "__main__":
    main()
