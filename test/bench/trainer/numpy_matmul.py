"""binary32 products by the BLAS that numpy brings, on one thread: the peer of the trainer's own.

numpy_matmul.py ROWSxCOLUMNSxDEPTH ...      prints one JSON object: gigaflops of each, and which BLAS it was
"""

import json
import statistics
import sys
import time

import numpy as np


def gflops(rows, columns, depth):
    random = np.random.default_rng(1)
    left = random.standard_normal((rows, depth), dtype=np.float32)
    right = random.standard_normal((depth, columns), dtype=np.float32)
    out = np.empty((rows, columns), dtype=np.float32)
    seconds = []
    begin = time.perf_counter()
    while len(seconds) < 5 or time.perf_counter() - begin < 0.2:
        start = time.perf_counter()
        np.matmul(left, right, out=out)
        seconds.append(time.perf_counter() - start)
    return 2e-9 * rows * columns * depth / statistics.median(seconds)


blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
shapes = [tuple(map(int, word.split("x"))) for word in sys.argv[1:]]
print(json.dumps({"gflops": [gflops(*shape) for shape in shapes], "blas": f"{blas['name']} {blas['version']}"}))
