#!/bin/sh
# All that is to be shown on a machine with an NVIDIA GPU, in one command: builds with CMake and nvcc, compares the device with
# the contract (every function on all inputs, every op, 1, 10 and 100 steps, also with attention and of a teacher), and measures.
# Needs no Node.
#   native/on-a-gpu.sh [BUILD FOLDER]
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../build/gpu}
cmake -S "$here" -B "$folder" -DCMAKE_BUILD_TYPE=Release -DTRAINER_CUDA=ON &&
  cmake --build "$folder" --parallel --target trainer_cli trainer_cuda device_check || exit 1

failed=
check() {
  printf '\n== %s\n' "$*"
  "$@" || failed="$failed
  $*"
}
cd "$folder" || exit 1
check ./trainer backends
check ./trainer selftest --backend cuda
check ./device_check
for batch in 8 64 512; do check ./trainer bench --backend cuda --batch "$batch" --steps 20; done
check ./trainer bench

if [ -n "$failed" ]; then
  printf '\nNOT all passed:%s\n' "$failed"
  exit 1
fi
printf '\nAll passed.\n'
