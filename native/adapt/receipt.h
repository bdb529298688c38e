// What a run reports about itself: outcome only, equal on every device.
#pragma once
#include "optim/objective.h"
#include "plan.h"
#include "state/json.h"
#include "trust_region.h"
#include <optional>

namespace trainer {

class Receipt {
public:
  Receipt(const Plan &plan, const ledger::Digest &initial, size_t length)
      : plan_(plan), initial_(initial), length_(length) {}

  const ledger::Digest &initial() const { return initial_; }
  void add(const StepOutcome &outcome);
  // RFC 8785 bytes.
  std::string text(const Model &initial, const Model *anchor, const Model &candidate,
                   const std::optional<TrustOutcome> &trust, const std::vector<uint8_t> &checkpoint,
                   const std::vector<uint8_t> &optimiser, const std::string &transcript) const;

private:
  ledger::Json distillation() const;

  const Plan &plan_;
  ledger::Digest initial_;
  size_t length_;
  int64_t steps_ = 0, kl_steps_ = 0;
  float norm_max_ = 0;
  double loss_sum_ = 0, kl_sum_ = 0;
  StepOutcome first_, last_;
};

} // namespace trainer
