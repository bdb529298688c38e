#include "sequences.h"

#include <cstring>
#include <stdexcept>
#include <string>

#include "invalid.h"

namespace ledger {
namespace {

constexpr size_t header_size = 16;

uint32_t load_little_endian(const uint8_t *p) {
  return uint32_t(p[0]) | uint32_t(p[1]) << 8 | uint32_t(p[2]) << 16 | uint32_t(p[3]) << 24;
}

}  // namespace

Sequences::Sequences(const uint8_t *data, size_t size, std::string_view what) : records_(data + header_size) {
  const std::string name(what);
  if (size < header_size || std::memcmp(data, "PLSQ0001", 8) != 0) {
    throw Invalid(name + " is not a PLSQ blob: it must begin with PLSQ0001 and a count and length");
  }
  count_ = load_little_endian(data + 8);
  length_ = load_little_endian(data + 12);
  if (length_ == 0 || length_ % 64 != 0) {
    throw Invalid(name + ": the sequence length must be a positive multiple of 64, not " + std::to_string(length_));
  }
  if (count_ == 0) throw Invalid(name + " holds no sequence");
  const size_t expected = header_size + count_ * 3 * length_;
  if ((size - header_size) / 3 / length_ != count_ || size != expected) {
    throw Invalid(name + " must be " + std::to_string(expected) + " bytes for " + std::to_string(count_) +
                  " sequences of " + std::to_string(length_) + ", not " + std::to_string(size));
  }
  for (size_t s = 0; s < count_; s++) {
    for (size_t t = 0; t < length_; t++) {
      if (mask(s)[t] > 1) {
        throw Invalid(name + ": mask byte " + std::to_string(t) + " of sequence " + std::to_string(s) +
                      " must be 0 or 1, not " + std::to_string(mask(s)[t]));
      }
    }
  }
}

const uint8_t *Sequences::record(size_t sequence) const {
  if (sequence >= count_) throw std::out_of_range("sequence " + std::to_string(sequence) + " of " + std::to_string(count_));
  return records_ + sequence * 3 * length_;
}

std::span<const uint8_t> Sequences::records(size_t first, size_t number) const {
  if (first > count_ || number > count_ - first) {
    throw std::out_of_range("sequences " + std::to_string(first) + " + " + std::to_string(number) + " of " +
                            std::to_string(count_));
  }
  return {records_ + first * 3 * length_, number * 3 * length_};
}

size_t Sequences::scored(size_t first, size_t number) const {
  size_t sum = 0;
  for (size_t s = first; s < first + number; s++) {
    for (size_t t = 0; t < length_; t++) sum += mask(s)[t];
  }
  return sum;
}

}  // namespace ledger
