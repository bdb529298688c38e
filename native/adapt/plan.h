// A training plan as data. Format and meaning in docs/trainer.md.
#pragma once
#include "model/shape.h"
#include "state/sha256.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ledger {
class JsonReader;
}

namespace trainer {

struct OptimiserPlan {
  float beta1, beta2, epsilon, weight_decay, clip_norm;
};

struct TrustRegion {
  float kl_nats_per_byte, weight_ratio;
  std::vector<float> factors;
};

// A hidden state of the student that shall be like one of the teacher.
struct HiddenTarget {
  int teacher, student; // layers
  float weight;
};

// What a student learns from a teacher's traces beside the next byte.
struct DistillationPlan {
  ledger::Digest traces{};
  float task_weight, logits_weight = 0, temperature = 1;
  std::vector<HiddenTarget> hidden;
  std::optional<uint64_t> projection_seed; // where teacher and student differ in width
};

struct Plan {
  ledger::Digest digest; // SHA-256 of its RFC 8785 bytes
  Shape shape;
  std::optional<uint64_t> seed; // fresh weights, or else
  ledger::Digest checkpoint{};  // the checkpoint to begin with
  std::optional<ledger::Digest> anchor, general, sentinel;
  ledger::Digest batches{};
  int64_t steps, batch, general_batch, warmup_steps, state_every_steps;
  float learning_rate, kl_beta, l2sp_lambda;
  bool linear_decay;
  OptimiserPlan optimiser;
  std::optional<TrustRegion> trust_region;
  std::optional<DistillationPlan> distillation;
};

// Throws ledger::Invalid naming the first field that is wrong.
Plan read_plan(const std::string &json);
Shape read_shape(const ledger::JsonReader &model);

} // namespace trainer
