// How far a job is, and whether it is still wanted.
#pragma once
#include "include/trainer.h"
#include "model/failure.h"
#include "plan.h"
#include <chrono>
#include <string>

namespace trainer {

// Tells the caller how far the job is. The clock is read for this only.
class Progress {
public:
  Progress(const trainer_hooks &hooks, const Plan &plan, size_t length)
      : hooks_(hooks), steps_(plan.steps), tokens_per_step_(plan.batch * int64_t(length)) {}

  void check_cancelled(int64_t step) const {
    if (hooks_.cancelled && hooks_.cancelled(hooks_.context))
      throw Failure(TRAINER_CANCELLED, "cancelled before step " + std::to_string(step), step);
  }
  void report(int64_t step, float loss) {
    if (!hooks_.progress) return;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    const int64_t tokens = (step + 1) * tokens_per_step_;
    const trainer_progress progress{step + 1, steps_, tokens, double(loss), double(tokens) / elapsed.count()};
    hooks_.progress(hooks_.context, &progress);
  }

private:
  const trainer_hooks &hooks_;
  int64_t steps_, tokens_per_step_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace trainer
