"""Times PyTorch on a training step of the same sizes as bench/train.ts: frozen encoder, projector, decoder, AdamW."""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

sizes = json.loads(sys.argv[1])
vision, text, batch, length = sizes["vision"], sizes["text"], sizes["batch"], sizes["length"]
tokens = (vision["imageSize"] // vision["patchSize"]) ** 2


class EncoderLayer(nn.Module):
    def __init__(self, width, inner, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc1, self.fc2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(-1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(b, n, d))
        inner = self.fc1(self.norm2(x))
        return x + self.fc2(inner * torch.sigmoid(1.702 * inner))


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class DecoderLayer(nn.Module):
    def __init__(self, width, inner, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = RmsNorm(width), RmsNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.gate, self.up = nn.Linear(width, inner, bias=False), nn.Linear(width, inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)

    def forward(self, x, cos, sin, bias):
        b, n, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        weights = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5 + bias).softmax(-1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(b, n, d))
        inner = self.norm2(x)
        return x + self.down(F.silu(self.gate(inner)) * self.up(inner))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        w, d = vision["hiddenSize"], text["hiddenSize"]
        self.patch = nn.Conv2d(3, w, vision["patchSize"], vision["patchSize"], bias=False)
        self.position = nn.Parameter(torch.randn(tokens, w))
        used = vision["layers"] + 1 + sizes["visionFeatureLayers"][0]
        self.encoder = nn.Sequential(
            *[EncoderLayer(w, vision["intermediateSize"], vision["heads"]) for _ in range(used)]
        )
        self.projector = nn.Sequential(nn.Linear(w, d), nn.GELU(), nn.Linear(d, d))
        self.embed = nn.Embedding(text["vocabSize"], d)
        self.layers = nn.ModuleList(
            [DecoderLayer(d, text["intermediateSize"], text["heads"]) for _ in range(text["layers"])]
        )
        self.norm, self.head = RmsNorm(d), nn.Linear(d, text["vocabSize"], bias=False)

    def forward(self, pixels, ids, rows, targets):
        with torch.no_grad():
            features = self.encoder(self.patch(pixels).flatten(2).transpose(1, 2) + self.position)
        words = self.embed(ids)
        x = torch.cat([words[:, :3], self.projector(features), words[:, 3:]], 1)
        n, half = x.shape[1], text["headDim"] // 2
        angles = torch.arange(n)[:, None] / text["ropeTheta"] ** (torch.arange(half) / half)
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        bias = torch.full((n, n), float("-inf")).triu(1).to(x.dtype)
        for layer in self.layers:
            x = layer(x, cos, sin, bias)
        return F.cross_entropy(self.head(self.norm(x).flatten(0, 1)[rows]).float(), targets)


def measure(dtype):
    torch.manual_seed(0)
    model = Model()
    model.patch.requires_grad_(False)
    model.encoder.requires_grad_(False)
    model.position.requires_grad_(False)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4)
    side = vision["imageSize"]
    pixels = torch.randn(batch, 3, side, side)
    ids = torch.randint(text["vocabSize"], (batch, length - tokens))
    rows = torch.randint(batch * length, (batch * 12,))
    targets = torch.randint(text["vocabSize"], (batch * 12,))
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
            loss = model(pixels, ids, rows, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        best = min(best, time.perf_counter() - start)
    return batch / best


def blas():
    """The BLAS in use: MKL built in, else the library that the process has loaded, which Debian lets a user choose."""
    if "BLAS_INFO=mkl" in torch.__config__.show():
        return "MKL"
    with open("/proc/self/maps") as maps:
        loaded = {line.split()[-1] for line in maps if "blas" in line}
    known = (name for name in ("openblas", "blis", "mkl") if any(name in path for path in loaded))
    return next(known, "the reference one (slow)")


for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
    rate = measure(dtype)
    print(
        f"PyTorch {torch.__version__:<10}{name}, BLAS {blas()}: {rate:.0f} images/s; "
        f"ours is {sizes['ours'] / rate:.2f} times that"
    )
