// A view of a PLSQ blob: "PLSQ0001", uint32 count, uint32 length T, then per sequence T tokens, T targets, T mask bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ledger {

class Sequences {
 public:
  // Borrows the bytes. Throws Invalid beginning with `what` when they are not a PLSQ blob.
  Sequences(const uint8_t *data, size_t size, std::string_view what);

  size_t count() const { return count_; }
  // Bytes per sequence, a multiple of 64.
  size_t length() const { return length_; }
  const uint8_t *tokens(size_t sequence) const { return record(sequence); }
  const uint8_t *targets(size_t sequence) const { return record(sequence) + length_; }
  // 1 = scored, 0 = not.
  const uint8_t *mask(size_t sequence) const { return record(sequence) + 2 * length_; }
  // The bytes of `number` consecutive sequences as they stand in the blob: what a batch digest covers.
  std::span<const uint8_t> records(size_t first, size_t number) const;
  // Scored positions of `number` consecutive sequences.
  size_t scored(size_t first, size_t number) const;

 private:
  const uint8_t *record(size_t sequence) const;

  const uint8_t *records_;
  size_t count_ = 0, length_ = 0;
};

}  // namespace ledger
