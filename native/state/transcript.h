// The transcript of a training job: a hash chain over its steps, with the hash of every tensor at intervals, so that two
// parties find the first step and tensor in which they differ (divergence.h). Format in docs/trainer.md.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sha256.h"

namespace ledger {

struct TensorDigest {
  std::string name;
  Digest digest;
};

struct TranscriptLine {
  uint64_t step = 0;
  uint32_t loss_bits = 0, norm_bits = 0;
  Digest batch{}, h{};
  std::optional<Digest> root;
  std::vector<TensorDigest> tensors;
};

// Lines come out as canonical JSON; "tensors" is a list of {name, sha256} in file order.
class TranscriptWriter {
 public:
  // `initial` is the SHA-256 of the initial checkpoint.
  explicit TranscriptWriter(const Digest &initial) : h_(initial) {}
  // Adds the line of one step and returns it. `state`: the tensors after the step, where the step records them.
  TranscriptLine add(uint64_t step, float loss, float gradient_norm, const Digest &batch,
                     const std::optional<std::vector<TensorDigest>> &state = std::nullopt);
  // JSON lines, each ended by a line feed.
  const std::string &text() const { return text_; }
  const Digest &h() const { return h_; }

 private:
  Digest h_;
  std::string text_;
};

Digest chain(const Digest &before, uint64_t step, uint32_t loss_bits, uint32_t norm_bits, const Digest &batch);
Digest state_root(const std::vector<TensorDigest> &tensors);

// Throws Invalid beginning with `what` and naming the line. Steps must count up from 0 and every root must fit its tensors.
std::vector<TranscriptLine> read_transcript(std::string_view text, const std::string &what = "transcript");
// The first step whose h does not follow from the line before it, the first from `initial`.
std::optional<uint64_t> first_broken_link(const std::vector<TranscriptLine> &lines, const Digest &initial);

}  // namespace ledger
