// Traces: what a teacher said and thought at every position of given sequences, for a student to learn from. Little-endian:
//   "PLTR0001", uint32 count, uint32 length T, uint32 k logits per position, uint32 width D, uint32 L, L x uint32 layers,
//   32 bytes SHA-256 of the teacher's checkpoint, 32 bytes SHA-256 of the sequences (PLSQ), then per sequence:
//   T tokens, T x k bytes where 0 < k < 256 (most likely first), T x k logits, and for each layer T x D hidden states.
// All 256 logits stand in the order of the bytes. Reals are binary32 and finite.
#pragma once
#include "sha256.h"
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ledger {

struct TraceHeader {
  size_t count = 0, length = 0;
  int kept = 0;  // logits per position
  int width = 0; // of the hidden states; 0 without
  std::vector<int> layers;
  Digest teacher{}, sequences{};

  // Bytes of the header and of one sequence.
  size_t size() const { return 92 + 4 * layers.size(); }
  size_t record() const { return length * (1 + listed() + 4 * size_t(kept) + 4 * layers.size() * size_t(width)); }
  // Bytes that name logits, per position.
  size_t listed() const { return kept < 256 ? size_t(kept) : 0; }
};

std::vector<uint8_t> write_trace_header(const TraceHeader &header);

class Traces {
public:
  // Borrows the bytes. Throws Invalid beginning with `what` when they are no traces.
  Traces(const uint8_t *data, size_t size, std::string_view what);

  const TraceHeader &header() const { return header_; }
  // The first sequence with these tokens.
  std::optional<size_t> find(const uint8_t *tokens) const;
  // The bytes that the logits are of, [T, k]; null where all 256 are there.
  const uint8_t *bytes(size_t sequence) const;
  void copy_logits(size_t sequence, float *to) const;
  // Of the layer at this place in the header's list.
  void copy_hidden(size_t sequence, size_t place, float *to) const;

private:
  void check_values(const std::string &what) const;

  TraceHeader header_;
  const uint8_t *records_ = nullptr;
  std::unordered_map<std::string_view, size_t> by_tokens_;
};

} // namespace ledger
