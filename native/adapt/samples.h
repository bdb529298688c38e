// Seeded inputs and small training jobs: what the self-test, the benchmark and the tests run on.
#pragma once
#include "run.h"
#include <cstdint>
#include <string>
#include <vector>

namespace trainer {

// Reals in (-2, 2).
std::vector<float> sample_values(size_t count, uint64_t seed);
// The same with awkward values mixed in: zeros of both signs and subnormals.
std::vector<float> values_of(size_t count, uint64_t seed);
// A PLSQ blob with something to learn: each sequence repeats a short random pattern; one position in five is not scored.
std::vector<uint8_t> sample_sequences(size_t count, size_t length, uint64_t seed);

struct SamplePlan {
  Shape shape;
  int length = 64, batch = 4, steps = 3, general_batch = 0, state_every = 10;
  float kl_beta = 0, l2sp_lambda = 0;
  bool trust_region = false;
  bool distillation = false; // from a wider hybrid teacher of seed 9
};

// The teacher of a sample plan, and its traces of sequences: its 16 most likely bytes and the states after its attention.
Shape sample_teacher(const Shape &student);
std::vector<uint8_t> sample_traces(const Shape &student, const std::vector<uint8_t> &sequences,
                                   const Machine &machine);

// Trains from seed 7 on sample sequences; the anchor is the model of seed 8.
RunResult run_sample(const SamplePlan &sample, const Machine &machine, const trainer_hooks &hooks, int micro_batch = 0);

} // namespace trainer
