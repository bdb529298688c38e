// Where two histories of one training part: the first step in which a difference shows, and what differs there.
#pragma once
#include "transcript.h"

namespace ledger {

struct Divergence {
  uint64_t from = 0, step = 0;       // it shows at `step`, and arose in a step from `from` to `step`
  std::string what;                  // "batch", "loss", "gradNorm" or "tensor"
  std::vector<std::string> tensors;  // of "tensor": those that differ after the step, in file order
  size_t of = 0;                     // of how many
  std::string claimed, found;        // the two digests or numbers
  // The step is known, not only an interval.
  bool exact() const { return from == step; }
};

// The tensors that differ, by the names of `found`, in file order.
std::vector<std::string> different_tensors(const std::vector<TensorDigest> &claimed, const std::vector<TensorDigest> &found);

// Compares line by line. Weights show in the losses made with them and in the recorded states: the last equal state says
// since when they may have differed.
class LineComparison {
 public:
  // Lines must come in order. Nothing while they are equal.
  std::optional<Divergence> next(const TranscriptLine &claimed, const TranscriptLine &found);

 private:
  uint64_t from_ = 0;  // the first step after the last state known to be equal
};

}  // namespace ledger
