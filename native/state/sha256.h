// SHA-256 (FIPS 180-4): the SHA instructions of x86 where the processor has them, else portable code; same digest.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ledger {

using Digest = std::array<uint8_t, 32>;

// Folds `blocks` blocks of 64 bytes into the eight words of `state`.
using Sha256Blocks = void (*)(uint32_t state[8], const uint8_t *data, size_t blocks);

void sha256_blocks_portable(uint32_t state[8], const uint8_t *data, size_t blocks);
// The version with SHA instructions, or nullptr where this processor has none.
Sha256Blocks sha256_blocks_accelerated();

class Sha256 {
 public:
  // Uses the fastest block function of this machine unless one is given.
  explicit Sha256(Sha256Blocks blocks = nullptr);
  Sha256 &update(const void *data, size_t size);
  // Ends the message; the object must not be used afterwards.
  Digest digest();

 private:
  Sha256Blocks blocks_;
  uint32_t state_[8];
  uint8_t pending_[64];
  size_t pending_size_ = 0;
  uint64_t total_ = 0;
};

Digest sha256(const void *data, size_t size);
// Lower-case hexadecimal digits.
std::string hex(const void *data, size_t size);
std::string hex(const Digest &digest);
// The reverse; throws Invalid naming `what` unless the text is 64 lower-case hexadecimal digits.
Digest digest_from_hex(std::string_view text, std::string_view what);

}  // namespace ledger
