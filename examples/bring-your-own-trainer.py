#!/usr/bin/env python3
"""A trainer of your own, in the Python standard library: seeded hill climbing on the champion's weights.

Usage: bring-your-own-trainer.py http://127.0.0.1:4680 [TOKEN]      (docs/trainers.md tells the protocol)
It takes updates of runs whose file says `trainers: any`. Its loss is the native trainer's own `evaluate`.
"""
import hashlib, json, os, random, struct, subprocess, sys, tempfile, time, urllib.error, urllib.request
from array import array

URL, TOKEN = sys.argv[1].rstrip("/"), (sys.argv[2:] + [None])[0]
NATIVE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "build", "native", "trainer")
TRIALS, SEQUENCES, STEP = 40, 32, 0.02


def ask(method, path, body=None):
    raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
    headers = {**({"Content-Type": kind} if raw is not None else {}), **({"Authorization": f"Bearer {TOKEN}"} if TOKEN else {})}
    with urllib.request.urlopen(urllib.request.Request(URL + path, raw, headers, method=method), timeout=60) as answer:
        return answer.read()


def loss(folder, header, weights):
    with open(os.path.join(folder, "trial.safetensors"), "wb") as file:
        file.write(header + weights.tobytes())
    words = [NATIVE, "evaluate", file.name, os.path.join(folder, "some.plsq"), "--json"]
    items = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)["items"]
    return sum(item["nllNats"] for item in items) / sum(item["scored"] for item in items)


def train(claim):
    at, plan = f"/v1/trainer/claims/{claim['run']}/{claim['cycle']}/{claim['epoch']}", claim["plan"]
    fetch = lambda sha: ask("GET", f"{at}/artifacts/{sha}")
    checkpoint, batches = fetch(plan["initial"]["checkpoint"]), fetch(plan["batches"])
    size = 8 + struct.unpack("<Q", checkpoint[:8])[0]  # safetensors: length, JSON header, float32 in little-endian order
    header, best = checkpoint[:size], array("f", checkpoint[size:])
    count, length = struct.unpack("<II", batches[8:16])  # PLSQ: "PLSQ0001", count, length, then 3 * length bytes each
    few, dice = min(SEQUENCES, count), random.Random(f"{claim['planHash']}/{claim['epoch']}")
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "some.plsq"), "wb") as file:
            file.write(b"PLSQ0001" + struct.pack("<II", few, length) + batches[16 : 16 + few * 3 * length])
        lowest, begun = loss(folder, header, best), time.time()
        for step in range(1, TRIALS + 1):
            trial = array("f", (w + dice.gauss(0, STEP) * abs(w) for w in best))
            found = loss(folder, header, trial)
            best, lowest = (trial, found) if found < lowest else (best, lowest)
            tokens = step * few * length
            progress = {"step": step, "steps": TRIALS, "tokens": tokens, "lossNatsMean": lowest, "tokensPerSecond": tokens / (time.time() - begun)}
            if json.loads(ask("POST", at + "/heartbeat", {"progress": progress}))["cancelled"]:
                return print("the service wants it no more")
    candidate = header + best.tobytes()
    sha = hashlib.sha256(candidate).hexdigest()
    ask("PUT", f"{at}/artifacts/{sha}", candidate)
    ask("POST", at + "/complete", {"candidate": sha, "steps": TRIALS, "tokens": tokens})
    print(f"{claim['run']}, cycle {claim['cycle']}: loss {lowest:.4f} nats, {sha[:12]} is with the gate", flush=True)


while True:
    try:
        order = ask("POST", "/v1/trainer/claims", {"build": "hill-climber/1", "backend": "python", "threads": 1, "contract": None})
        if order:
            train(json.loads(order))
    except urllib.error.HTTPError as problem:
        print(problem.code, problem.read().decode(), file=sys.stderr, flush=True)
        time.sleep(5)
    except OSError as trouble:
        print(trouble, file=sys.stderr, flush=True)
        time.sleep(5)
