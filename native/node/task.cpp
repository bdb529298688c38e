#include "task.h"

#include <cstdio>
#include <system_error>

#include "values.h"

namespace {

constexpr auto report_interval = std::chrono::milliseconds(50);

}  // namespace

Task::Task(Napi::Env env, Plan plan, bool listening)
    : plan_(std::move(plan)), listening_(listening), deferred_(Napi::Promise::Deferred::New(env)) {}

Task::~Task() {
  if (thread_.joinable()) thread_.join();
}

Napi::Promise Task::start(Napi::Env env, Plan plan, Napi::Function on_progress) {
  Task *task = new Task(env, std::move(plan), !on_progress.IsEmpty());
  // Cleanup hooks run last registered first: ours, after the channel's, so the thread has ended when the channel closes.
  struct Hook {
    static void stop(void *data) {
      Task *task = static_cast<Task *>(data);
      task->plan_.cancel->store(true);
      if (task->thread_.joinable()) task->thread_.join();
    }
  };
  const auto finalise = [](Napi::Env finished, void *, Task *task) {
    napi_remove_env_cleanup_hook(finished, Hook::stop, task);
    delete task;
  };
  try {
    task->channel_ = Channel::New(env, on_progress, "trainer", 0, 1, task, finalise, static_cast<void *>(nullptr));
  } catch (const Napi::Error &) {  // the environment is ending
    if (task->plan_.ended) task->plan_.ended();
    delete task;
    throw;
  }
  napi_add_env_cleanup_hook(env, Hook::stop, task);
  const Napi::Promise promise = task->deferred_.Promise();
  try {
    task->thread_ = std::thread([task] { task->run(); });
  } catch (const std::system_error &error) {
    task->fail(error.what());
    task->finish();
  }
  return promise;
}

void Task::run() {
  const trainer_hooks hooks = {
      [](void *context, const trainer_progress *progress) { static_cast<Task *>(context)->report(*progress); },
      [](void *context) { return static_cast<Task *>(context)->plan_.cancel->load() ? 1 : 0; },
      this,
  };
  try {
    code_ = plan_.work(hooks, &error_);
  } catch (const std::exception &exception) {
    fail(exception.what());
  }
  finish();
}

void Task::fail(const char *message) {
  code_ = error_.code = TRAINER_INTERNAL;
  std::snprintf(error_.message, sizeof error_.message, "%s", message);
}

void Task::finish() {
  if (plan_.ended) plan_.ended();
  channel_.BlockingCall(this);  // the queue is unbounded, so this does not wait
  channel_.Release();
}

void Task::report(const trainer_progress &progress) {
  if (!listening_) return;
  const std::lock_guard lock(progress_mutex_);
  latest_ = progress;
  const auto now = std::chrono::steady_clock::now();
  const bool last = progress.step >= progress.steps;
  if (queued_ || (!last && now - reported_ < report_interval)) return;
  reported_ = now;
  queued_ = channel_.NonBlockingCall(nullptr) == napi_ok;
}

void Task::deliver(Napi::Env env, Napi::Function on_progress, Task *task, void *ended) {
  if (static_cast<napi_env>(env) == nullptr) return;  // the environment is ending: nobody listens any more
  if (ended != nullptr) task->settle(env);
  else task->deliver_progress(env, on_progress);
}

void Task::deliver_progress(Napi::Env env, Napi::Function on_progress) {
  trainer_progress progress;
  {
    const std::lock_guard lock(progress_mutex_);
    queued_ = false;
    if (!latest_ || thrown_) return;
    progress = *latest_;
  }
  Napi::Object report = Napi::Object::New(env);
  report.Set("step", double(progress.step));
  report.Set("steps", double(progress.steps));
  report.Set("tokens", double(progress.tokens));
  report.Set("lossNatsMean", progress.loss_nats_mean);
  report.Set("tokensPerSecond", progress.tokens_per_second);
  try {
    on_progress.Call({report});
  } catch (const Napi::Error &error) {
    thrown_ = error;
    plan_.cancel->store(true);
  }
}

void Task::settle(Napi::Env env) {
  if (thrown_) return deferred_.Reject(thrown_->Value());
  if (code_ != TRAINER_OK) return deferred_.Reject(to_error(env, error_).Value());
  try {
    deferred_.Resolve(plan_.result(env));
  } catch (const Napi::Error &error) {
    deferred_.Reject(error.Value());
  }
}
