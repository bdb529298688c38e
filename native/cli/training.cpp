#include "training.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>

#include "files.h"

namespace {

volatile std::sig_atomic_t interrupted = 0;

// One line that rewrites itself on a terminal; a line every ten seconds elsewhere.
class ProgressLine {
 public:
  ProgressLine() : terminal_(isatty(STDERR_FILENO) == 1) {}

  void show(const trainer_progress &progress) {
    const auto now = std::chrono::steady_clock::now();
    const auto interval = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
    const bool last = progress.step >= progress.steps;
    if (!last && shown_ && now - last_shown_ < interval) return;
    shown_ = true;
    last_shown_ = now;
    const double tokens_per_step = progress.step > 0 ? double(progress.tokens) / double(progress.step) : 0;
    const double left = progress.tokens_per_second > 0
                            ? double(progress.steps - progress.step) * tokens_per_step / progress.tokens_per_second
                            : 0;
    std::fprintf(stderr, "%sstep %lld of %lld   loss %.4f nats   %.1f k tokens/s   %.0f s left%s",
                 terminal_ ? "\r\x1b[K" : "", static_cast<long long>(progress.step),
                 static_cast<long long>(progress.steps), progress.loss_nats_mean, progress.tokens_per_second / 1000, left,
                 terminal_ && !last ? "" : "\n");
    open_ = terminal_ && !last;
  }

  ~ProgressLine() {
    if (open_) std::fputc('\n', stderr);
  }

 private:
  bool terminal_, shown_ = false, open_ = false;
  std::chrono::steady_clock::time_point last_shown_{};
};

// What both commands need: the inputs, progress on stderr, and Ctrl-C, which stops at the next step boundary.
void train_with(const std::string &plan, const std::filesystem::path &folder,
                const std::function<int(const std::vector<trainer_bytes> &, const trainer_hooks &, trainer_error *)> &work) {
  const auto inputs = inputs_of_plan(folder, plan);
  std::vector<trainer_bytes> views;
  for (const auto &input : inputs) views.push_back({input.data(), input.size()});
  ProgressLine line;
  const trainer_hooks hooks = {
      [](void *context, const trainer_progress *progress) { static_cast<ProgressLine *>(context)->show(*progress); },
      [](void *) { return interrupted != 0 ? 1 : 0; },
      &line,
  };
  const auto before = std::signal(SIGINT, [](int) { interrupted = 1; });
  trainer_error error{TRAINER_OK, -1, ""};
  const int code = work(views, hooks, &error);
  std::signal(SIGINT, before);
  check(code, error);
}

trainer_bytes view(const std::optional<std::vector<uint8_t>> &bytes) {
  // An empty file has no address, and is still a file.
  static const uint8_t nothing = 0;
  if (!bytes) return {nullptr, 0};
  return {bytes->empty() ? &nothing : bytes->data(), bytes->size()};
}

}  // namespace

Trained train(const std::string &plan, const std::filesystem::path &folder, const ChosenOptions &options) {
  const trainer_options chosen = options.get();
  trainer_result result{};
  train_with(plan, folder, [&](const auto &inputs, const trainer_hooks &hooks, trainer_error *error) {
    return trainer_run(plan.c_str(), inputs.data(), inputs.size(), &chosen, &hooks, &result, error);
  });
  return {Blob(result.checkpoint), Blob(result.optimiser), Blob(result.transcript), Blob(result.receipt)};
}

Blob replay(const std::string &plan, const std::filesystem::path &folder, const ClaimFiles &claim,
            const ChosenOptions &options) {
  const trainer_options chosen = options.get();
  const trainer_claim claimed{claim.receipt.c_str(), view(claim.transcript), view(claim.candidate),
                              view(claim.states)};
  Blob json;
  train_with(plan, folder, [&](const auto &inputs, const trainer_hooks &hooks, trainer_error *error) {
    return trainer_replay(plan.c_str(), inputs.data(), inputs.size(), &claimed, &chosen, &hooks, json.out(), error);
  });
  return json;
}

Blob states(const std::string &plan, const std::filesystem::path &folder, int every, const ChosenOptions &options) {
  const trainer_options chosen = options.get();
  Blob transcript;
  train_with(plan, folder, [&](const auto &inputs, const trainer_hooks &hooks, trainer_error *error) {
    return trainer_states(plan.c_str(), inputs.data(), inputs.size(), every, &chosen, &hooks, transcript.out(), error);
  });
  return transcript;
}
