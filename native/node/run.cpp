// A training job: one in a process at a time, whatever JavaScript thread started it.
#include "../include/trainer_blob.h"
#include "functions.h"
#include "task.h"
#include "values.h"

namespace {

std::atomic<bool> running{false};

struct Job {
  std::string plan;
  std::vector<Bytes> inputs;
  Options options;
  Blob checkpoint{}, optimiser{}, transcript{}, receipt{};

  int work(const trainer_hooks &hooks, trainer_error *error) {
    std::vector<trainer_bytes> views;
    for (const Bytes &input : inputs) views.push_back(view(input));
    const trainer_options chosen = options.get();
    trainer_result result{};
    const int code = trainer_run(plan.c_str(), views.data(), views.size(), &chosen, &hooks, &result, error);
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

Napi::Promise rejected(Napi::Env env, const Napi::Error &error) {
  const auto deferred = Napi::Promise::Deferred::New(env);
  deferred.Reject(error.Value());
  return deferred.Promise();
}

}  // namespace

Napi::Value run(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  const auto job = std::make_shared<Job>(
      Job{text_argument(info, 0, "plan"), bytes_list_argument(info, 1, "inputs"), Options(info, 2)});
  if (!info[3].IsUndefined() && !info[3].IsFunction()) throw Napi::TypeError::New(env, "onProgress must be a function");

  Task::Plan plan;
  plan.work = [job](const trainer_hooks &hooks, trainer_error *error) { return job->work(hooks, error); };
  plan.result = [job](Napi::Env later) { return job->result(later); };
  plan.ended = [] { running.store(false); };
  Napi::Object handle = Napi::Object::New(env);
  const auto cancel = [flag = plan.cancel](const Napi::CallbackInfo &) { flag->store(true); };
  handle.Set("cancel", Napi::Function::New(env, cancel, "cancel"));
  const Napi::Function on_progress = info[3].IsFunction() ? info[3].As<Napi::Function>() : Napi::Function();
  handle.Set("promise", running.exchange(true) ? rejected(env, busy_error(env))
                                               : Task::start(env, std::move(plan), on_progress));
  return handle;
}
