// A training job: one in a process at a time, whatever JavaScript thread started it.
#include "../include/trainer_blob.h"
#include "functions.h"
#include "task.h"
#include "values.h"

namespace {

std::atomic<bool> running{false};

// What both kinds of job are given.
struct Order {
  std::string plan;
  std::vector<Bytes> inputs;
  Options options;

  std::vector<trainer_bytes> views() const {
    std::vector<trainer_bytes> views;
    for (const Bytes &input : inputs) views.push_back(view(input));
    return views;
  }
};

struct Job {
  Order order;
  Blob checkpoint{}, optimiser{}, transcript{}, receipt{};

  int work(const trainer_hooks &hooks, trainer_error *error) {
    const auto inputs = order.views();
    const trainer_options chosen = order.options.get();
    trainer_result result{};
    const int code = trainer_run(order.plan.c_str(), inputs.data(), inputs.size(), &chosen, &hooks, &result, error);
    if (code != TRAINER_OK) return code;
    checkpoint = Blob(result.checkpoint);
    optimiser = Blob(result.optimiser);
    transcript = Blob(result.transcript);
    receipt = Blob(result.receipt);
    return code;
  }

  Napi::Value result(Napi::Env env) const {
    Napi::Object object = Napi::Object::New(env);
    object.Set("checkpoint", to_buffer(env, checkpoint));
    object.Set("optimiser", to_buffer(env, optimiser));
    object.Set("transcript", to_buffer(env, transcript));
    object.Set("receipt", to_buffer(env, receipt));
    return object;
  }
};

struct ReplayJob {
  Order order;
  std::string receipt;
  std::optional<Bytes> transcript, candidate, states;
  Blob verdict{};

  int work(const trainer_hooks &hooks, trainer_error *error) {
    const auto inputs = order.views();
    const trainer_options chosen = order.options.get();
    const trainer_claim claim{receipt.c_str(), optional_view(transcript), optional_view(candidate),
                              optional_view(states)};
    return trainer_replay(order.plan.c_str(), inputs.data(), inputs.size(), &claim, &chosen, &hooks, verdict.out(), error);
  }

  Napi::Value result(Napi::Env env) const { return to_text(env, verdict); }
};

Napi::Promise rejected(Napi::Env env, const Napi::Error &error) {
  const auto deferred = Napi::Promise::Deferred::New(env);
  deferred.Reject(error.Value());
  return deferred.Promise();
}

// {promise, cancel}; `progress` is the argument that hears how far it is.
template <class Kind>
Napi::Value start(Napi::Env env, std::shared_ptr<Kind> job, const Napi::Value &progress) {
  if (!progress.IsUndefined() && !progress.IsFunction()) throw Napi::TypeError::New(env, "onProgress must be a function");
  Task::Plan plan;
  plan.work = [job](const trainer_hooks &hooks, trainer_error *error) { return job->work(hooks, error); };
  plan.result = [job](Napi::Env later) { return job->result(later); };
  plan.ended = [] { running.store(false); };
  Napi::Object handle = Napi::Object::New(env);
  const auto cancel = [flag = plan.cancel](const Napi::CallbackInfo &) { flag->store(true); };
  handle.Set("cancel", Napi::Function::New(env, cancel, "cancel"));
  const Napi::Function on_progress = progress.IsFunction() ? progress.As<Napi::Function>() : Napi::Function();
  handle.Set("promise", running.exchange(true) ? rejected(env, busy_error(env))
                                               : Task::start(env, std::move(plan), on_progress));
  return handle;
}

Order order_of(const Napi::CallbackInfo &info, size_t options) {
  return {text_argument(info, 0, "plan"), bytes_list_argument(info, 1, "inputs"), Options(info, options)};
}

}  // namespace

Napi::Value run(const Napi::CallbackInfo &info) {
  return start(info.Env(), std::make_shared<Job>(Job{order_of(info, 2)}), info[3]);
}

Napi::Value replay(const Napi::CallbackInfo &info) {
  const auto job = std::make_shared<ReplayJob>(
      ReplayJob{order_of(info, 6), text_argument(info, 2, "receipt"), optional_bytes_argument(info, 3, "transcript"),
                optional_bytes_argument(info, 4, "candidate"), optional_bytes_argument(info, 5, "states")});
  return start(info.Env(), job, info[7]);
}
