#include "traces.h"
#include "invalid.h"
#include <bit>
#include <bitset>
#include <cstring>
#include <string>

namespace ledger {
namespace {

static_assert(std::endian::native == std::endian::little, "traces are stored little-endian and copied as they are");

constexpr char magic[] = "PLTR0001";
constexpr size_t fixed_size = 28, most_layers = 256;

uint32_t load(const uint8_t *from) {
  uint32_t value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

void check_range(const std::string &what, const char *name, uint32_t value, uint32_t least, uint32_t most) {
  if (value < least || value > most)
    throw Invalid(what + ": " + name + " must be " + std::to_string(least) + " to " + std::to_string(most) + ", not " +
                  std::to_string(value));
}

TraceHeader read_header(const uint8_t *data, size_t size, const std::string &what) {
  if (size < fixed_size || std::memcmp(data, magic, 8) != 0)
    throw Invalid(what + " are no traces: they must begin with PLTR0001 and five sizes");
  check_range(what, "the number of sequences", load(data + 8), 1, UINT32_MAX);
  check_range(what, "the number of logits", load(data + 16), 0, 256);
  check_range(what, "the number of layers", load(data + 24), 0, most_layers);
  TraceHeader header;
  header.count = load(data + 8), header.length = load(data + 12), header.kept = int(load(data + 16));
  if (header.length == 0 || header.length % 64 != 0 || header.length > 1 << 20)
    throw Invalid(what + ": the sequence length must be a multiple of 64 up to 2^20, not " +
                  std::to_string(header.length));
  const uint32_t layers = load(data + 24);
  check_range(what, "the width", load(data + 20), layers > 0 ? 1 : 0, layers > 0 ? 4096 : 0);
  header.width = int(load(data + 20));
  if (header.kept == 0 && layers == 0) throw Invalid(what + " have neither logits nor hidden states");
  if (size < fixed_size + 4 * layers + 64) throw Invalid(what + " end inside their header");
  for (uint32_t i = 0; i < layers; i++) {
    const uint32_t layer = load(data + fixed_size + 4 * i), least = i ? uint32_t(header.layers.back()) + 1 : 0;
    check_range(what, "a layer", layer, least, most_layers - 1);
    header.layers.push_back(int(layer));
  }
  std::memcpy(header.teacher.data(), data + fixed_size + 4 * layers, 32);
  std::memcpy(header.sequences.data(), data + fixed_size + 4 * layers + 32, 32);
  return header;
}

// Place of the first element that is not finite, or `count`.
size_t first_not_finite(const uint8_t *reals, size_t count) {
  constexpr uint32_t exponent = 0x7f800000u;
  for (size_t i = 0; i < count; i++)
    if ((load(reals + 4 * i) & exponent) == exponent) return i;
  return count;
}

} // namespace

std::vector<uint8_t> write_trace_header(const TraceHeader &header) {
  std::vector<uint8_t> bytes(magic, magic + 8);
  const auto put = [&](size_t value) {
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(uint8_t(value >> shift));
  };
  put(header.count), put(header.length), put(size_t(header.kept)), put(size_t(header.width)), put(header.layers.size());
  for (const int layer : header.layers) put(size_t(layer));
  for (const Digest *digest : {&header.teacher, &header.sequences})
    bytes.insert(bytes.end(), digest->begin(), digest->end());
  return bytes;
}

Traces::Traces(const uint8_t *data, size_t size, std::string_view what) {
  const std::string name(what);
  header_ = read_header(data, size, name);
  records_ = data + header_.size();
  const size_t room = size - header_.size(), record = header_.record();
  if (room % record != 0 || room / record != header_.count)
    throw Invalid(name + " must have " + std::to_string(record) + " bytes for each of " + std::to_string(header_.count) +
                  " sequences, not " + std::to_string(room) + " in all");
  check_values(name);
  for (size_t i = 0; i < header_.count; i++)
    by_tokens_.emplace(std::string_view(reinterpret_cast<const char *>(records_ + i * record), header_.length), i);
}

void Traces::check_values(const std::string &what) const {
  const size_t kept = size_t(header_.kept), reals = header_.record() / header_.length - 1 - header_.listed();
  for (size_t i = 0; i < header_.count; i++) {
    const uint8_t *record = records_ + i * header_.record(), *listed = record + header_.length;
    const size_t count = reals / 4 * header_.length;
    if (first_not_finite(listed + header_.listed() * header_.length, count) < count)
      throw Invalid(what + ": sequence " + std::to_string(i) + " has a value that is not finite");
    for (size_t t = 0; t < header_.length && header_.listed() > 0; t++) {
      std::bitset<256> seen;
      for (size_t j = 0; j < kept; j++) seen.set(listed[t * kept + j]);
      if (seen.count() != kept)
        throw Invalid(what + ": position " + std::to_string(t) + " of sequence " + std::to_string(i) +
                      " names a byte twice");
    }
  }
}

std::optional<size_t> Traces::find(const uint8_t *tokens) const {
  const auto found = by_tokens_.find(std::string_view(reinterpret_cast<const char *>(tokens), header_.length));
  if (found == by_tokens_.end()) return std::nullopt;
  return found->second;
}

const uint8_t *Traces::bytes(size_t sequence) const {
  return header_.listed() > 0 ? records_ + sequence * header_.record() + header_.length : nullptr;
}

void Traces::copy_logits(size_t sequence, float *to) const {
  const uint8_t *from = records_ + sequence * header_.record() + header_.length * (1 + header_.listed());
  std::memcpy(to, from, 4 * header_.length * size_t(header_.kept));
}

void Traces::copy_hidden(size_t sequence, size_t place, float *to) const {
  const size_t one = 4 * header_.length * size_t(header_.width);
  const uint8_t *end = records_ + (sequence + 1) * header_.record();
  std::memcpy(to, end - (header_.layers.size() - place) * one, one);
}

} // namespace ledger
