// Work of the trainer on a thread of its own (not libuv's pool), seen from JavaScript as a promise.
#pragma once
#include <napi.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "../include/trainer.h"

class Task {
 public:
  // Runs on the task's thread: returns a trainer_code and fills the error when it is not TRAINER_OK.
  using Work = std::function<int(const trainer_hooks &, trainer_error *)>;
  // Runs on the JavaScript thread after success.
  using Result = std::function<Napi::Value(Napi::Env)>;
  using CancelFlag = std::shared_ptr<std::atomic<bool>>;

  struct Plan {
    Work work;
    Result result;
    std::function<void()> ended = {};  // on the task's thread, before the promise settles, whatever the outcome
    CancelFlag cancel = std::make_shared<std::atomic<bool>>(false);
  };

  // Starts the thread; `on_progress` may be empty. The task deletes itself when the promise is settled. When the
  // environment ends first (worker terminated, process exiting) the work is cancelled and joined at its next step boundary.
  static Napi::Promise start(Napi::Env env, Plan plan, Napi::Function on_progress = {});

 private:
  static void deliver(Napi::Env env, Napi::Function on_progress, Task *task, void *ended);
  using Channel = Napi::TypedThreadSafeFunction<Task, void, deliver>;

  Task(Napi::Env env, Plan plan, bool listening);
  ~Task();
  void run();
  void fail(const char *message);
  void finish();
  void report(const trainer_progress &progress);
  void deliver_progress(Napi::Env env, Napi::Function on_progress);
  void settle(Napi::Env env);

  Plan plan_;
  const bool listening_;  // somebody wants progress
  Napi::Promise::Deferred deferred_;
  Channel channel_;
  std::thread thread_;
  trainer_error error_{TRAINER_OK, -1, ""};
  int code_ = TRAINER_OK;

  // Progress is coalesced: the channel holds at most one undelivered report, and JavaScript sees the latest.
  std::mutex progress_mutex_;
  std::optional<trainer_progress> latest_;
  bool queued_ = false;
  std::chrono::steady_clock::time_point reported_{};
  std::optional<Napi::Error> thrown_;  // by on_progress
};
