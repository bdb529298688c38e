// The Merkle tree of RFC 6962, section 2.1.
#pragma once
#include <vector>

#include "sha256.h"

namespace ledger {

// SHA-256(0x00 | data)
Digest merkle_leaf(const void *data, size_t size);
// SHA-256(0x01 | left | right)
Digest merkle_node(const Digest &left, const Digest &right);
// Root over leaf hashes; of an empty list, the SHA-256 of nothing.
Digest merkle_root(const std::vector<Digest> &leaves);

}  // namespace ledger
