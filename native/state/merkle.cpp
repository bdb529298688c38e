#include "merkle.h"

#include <bit>
#include <span>

namespace ledger {
namespace {

Digest root_of(std::span<const Digest> leaves) {
  if (leaves.size() == 1) return leaves[0];
  const size_t split = std::bit_floor(leaves.size() - 1);  // the largest power of two below the count
  return merkle_node(root_of(leaves.first(split)), root_of(leaves.subspan(split)));
}

}  // namespace

Digest merkle_leaf(const void *data, size_t size) {
  const uint8_t prefix = 0;
  return Sha256().update(&prefix, 1).update(data, size).digest();
}

Digest merkle_node(const Digest &left, const Digest &right) {
  const uint8_t prefix = 1;
  return Sha256().update(&prefix, 1).update(left.data(), left.size()).update(right.data(), right.size()).digest();
}

Digest merkle_root(const std::vector<Digest> &leaves) {
  if (leaves.empty()) return sha256(nullptr, 0);
  return root_of(leaves);
}

}  // namespace ledger
