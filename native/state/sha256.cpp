#include "sha256.h"

#include <cstring>

#include "invalid.h"

namespace ledger {
namespace {

constexpr uint32_t initial_state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

constexpr uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t rotate_right(uint32_t x, int n) { return x >> n | x << (32 - n); }

uint32_t load_big_endian(const uint8_t *p) {
  return uint32_t(p[0]) << 24 | uint32_t(p[1]) << 16 | uint32_t(p[2]) << 8 | uint32_t(p[3]);
}

void fold_block(uint32_t state[8], const uint8_t *block) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) w[i] = load_big_endian(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    const uint32_t s0 = rotate_right(w[i - 15], 7) ^ rotate_right(w[i - 15], 18) ^ w[i - 15] >> 3;
    const uint32_t s1 = rotate_right(w[i - 2], 17) ^ rotate_right(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i++) {
    const uint32_t s1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
    const uint32_t choice = (e & f) ^ (~e & g);
    const uint32_t t1 = h + s1 + choice + round_constants[i] + w[i];
    const uint32_t s0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
    const uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    const uint32_t t2 = s0 + majority;
    h = g, g = f, f = e, e = d + t1;
    d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

Sha256Blocks fastest_blocks() {
  static const Sha256Blocks accelerated = sha256_blocks_accelerated();
  return accelerated != nullptr ? accelerated : sha256_blocks_portable;
}

}  // namespace

void sha256_blocks_portable(uint32_t state[8], const uint8_t *data, size_t blocks) {
  for (size_t i = 0; i < blocks; i++) fold_block(state, data + 64 * i);
}

Sha256::Sha256(Sha256Blocks blocks) : blocks_(blocks != nullptr ? blocks : fastest_blocks()) {
  std::memcpy(state_, initial_state, sizeof state_);
}

Sha256 &Sha256::update(const void *data, size_t size) {
  if (size == 0) return *this;
  const uint8_t *bytes = static_cast<const uint8_t *>(data);
  total_ += size;
  if (pending_size_ > 0) {
    const size_t room = 64 - pending_size_;
    const size_t taken = size < room ? size : room;
    std::memcpy(pending_ + pending_size_, bytes, taken);
    pending_size_ += taken;
    bytes += taken;
    size -= taken;
    if (pending_size_ < 64) return *this;
    blocks_(state_, pending_, 1);
    pending_size_ = 0;
  }
  const size_t whole = size / 64;
  if (whole > 0) blocks_(state_, bytes, whole);
  pending_size_ = size - 64 * whole;
  if (pending_size_ > 0) std::memcpy(pending_, bytes + 64 * whole, pending_size_);
  return *this;
}

Digest Sha256::digest() {
  const uint64_t bits = total_ * 8;
  uint8_t tail[128] = {};
  std::memcpy(tail, pending_, pending_size_);
  tail[pending_size_] = 0x80;
  const size_t blocks = pending_size_ < 56 ? 1 : 2;
  for (int i = 0; i < 8; i++) tail[64 * blocks - 1 - i] = uint8_t(bits >> (8 * i));
  blocks_(state_, tail, blocks);
  Digest digest;
  for (int i = 0; i < 32; i++) digest[i] = uint8_t(state_[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

Digest sha256(const void *data, size_t size) { return Sha256().update(data, size).digest(); }

std::string hex(const void *data, size_t size) {
  static const char digits[] = "0123456789abcdef";
  const uint8_t *bytes = static_cast<const uint8_t *>(data);
  std::string text(2 * size, '0');
  for (size_t i = 0; i < size; i++) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  return text;
}

std::string hex(const Digest &digest) { return hex(digest.data(), digest.size()); }

Digest digest_from_hex(std::string_view text, std::string_view what) {
  const auto value = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  bool valid = text.size() == 64;
  Digest digest{};
  for (size_t i = 0; valid && i < 32; i++) {
    const int high = value(text[2 * i]), low = value(text[2 * i + 1]);
    valid = high >= 0 && low >= 0;
    if (valid) digest[i] = uint8_t(high << 4 | low);
  }
  if (!valid) {
    throw Invalid(std::string(what) + " must be a SHA-256 (64 lower-case hexadecimal digits), not \"" +
                  std::string(text.substr(0, 80)) + "\"");
  }
  return digest;
}

}  // namespace ledger
