#include "worker_pool.h"
#include "canon/environment.h"

namespace trainer {

WorkerPool::WorkerPool(int threads) {
  if (threads <= 0) threads = int(std::thread::hardware_concurrency());
  for (int worker = 1; worker < threads; worker++) threads_.emplace_back([this, worker] { serve(worker); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  start_.notify_all();
  for (std::thread &thread : threads_) thread.join();
}

void WorkerPool::run(size_t count, const std::function<void(size_t, int)> &work) {
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    count_ = count;
    next_ = 0;
    busy_ = int(threads_.size());
    error_ = nullptr;
    round_++;
  }
  start_.notify_all();
  take_items(0);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return busy_ == 0; });
  work_ = nullptr;
  if (error_) std::rethrow_exception(error_);
}

void WorkerPool::serve(int worker) {
  uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      start_.wait(lock, [&] { return stopping_ || round_ != seen; });
      if (stopping_) return;
      seen = round_;
    }
    take_items(worker);
    const std::lock_guard lock(mutex_);
    if (--busy_ == 0) done_.notify_all();
  }
}

void WorkerPool::take_items(int worker) {
  const FloatEnvironment environment;
  for (;;) {
    size_t item;
    {
      const std::lock_guard lock(mutex_);
      if (next_ >= count_) return;
      item = next_++;
    }
    try {
      (*work_)(item, worker);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      next_ = count_;
    }
  }
}

} // namespace trainer
