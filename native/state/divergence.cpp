#include "divergence.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "json.h"

namespace ledger {
namespace {

// A claim may hold any bits.
std::string number_text(uint32_t bits) {
  const float value = std::bit_cast<float>(bits);
  return std::isfinite(value) ? ecmascript_number(double(value)) : "no finite number";
}

}  // namespace

std::vector<std::string> different_tensors(const std::vector<TensorDigest> &claimed, const std::vector<TensorDigest> &found) {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::max(claimed.size(), found.size()); i++) {
    const TensorDigest &named = i < found.size() ? found[i] : claimed[i];
    const bool both = i < claimed.size() && i < found.size();
    if (!both || claimed[i].name != found[i].name || claimed[i].digest != found[i].digest) names.push_back(named.name);
  }
  return names;
}

std::optional<Divergence> LineComparison::next(const TranscriptLine &claimed, const TranscriptLine &found) {
  Divergence out;
  out.from = from_;
  out.step = found.step;
  if (claimed.batch != found.batch) {
    out.from = found.step;  // the data of this very step, whatever the weights were
    out.what = "batch";
    out.claimed = hex(claimed.batch), out.found = hex(found.batch);
    return out;
  }
  if (claimed.loss_bits != found.loss_bits) {
    out.what = "loss";
    out.claimed = number_text(claimed.loss_bits), out.found = number_text(found.loss_bits);
    return out;
  }
  if (claimed.norm_bits != found.norm_bits) {
    out.what = "gradNorm";
    out.claimed = number_text(claimed.norm_bits), out.found = number_text(found.norm_bits);
    return out;
  }
  if (!claimed.root || !found.root) return std::nullopt;
  if (*claimed.root == *found.root) {
    from_ = found.step + 1;
    return std::nullopt;
  }
  out.what = "tensor";
  out.tensors = different_tensors(claimed.tensors, found.tensors);
  out.of = found.tensors.size();
  out.claimed = hex(*claimed.root), out.found = hex(*found.root);
  return out;
}

}  // namespace ledger
