// A fixed set of threads that share out the items of one loop. Which thread takes which item is never visible in a result.
#pragma once
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace trainer {

class WorkerPool {
public:
  // 0 threads: as many as the machine runs at once.
  explicit WorkerPool(int threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool &) = delete;
  WorkerPool &operator=(const WorkerPool &) = delete;

  int threads() const { return int(threads_.size()) + 1; }
  // Calls work(item, worker) for every item in [0, count), worker in [0, threads); the caller takes part. Rethrows the
  // first exception after all workers have stopped.
  void run(size_t count, const std::function<void(size_t item, int worker)> &work);

private:
  void serve(int worker);
  void take_items(int worker);

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable start_, done_;
  const std::function<void(size_t, int)> *work_ = nullptr;
  size_t count_ = 0, next_ = 0;
  uint64_t round_ = 0;
  int busy_ = 0;
  bool stopping_ = false;
  std::exception_ptr error_;
};

} // namespace trainer
