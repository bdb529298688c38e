// The threads of one block as fibers: each has a stack, and control passes between them at barriers only.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <ucontext.h>
#include <vector>

namespace emulation {

struct Extent {
  unsigned x = 1, y = 1, z = 1;
  Extent(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

inline Extent thread_index, block_index, block_size, grid_size;
// 0: threads ascending; 1: descending.
inline int order = 0;

enum class Stop { none, warp, block, end };

class Block {
public:
  static Block &current() {
    static Block block;
    return block;
  }

  // Runs `body` once for every thread index below `count`, a multiple of 32.
  void run(const std::function<void()> &body, int count) {
    if (count % warp_size != 0) fail("a block must be whole warps");
    body_ = &body;
    while (int(fibers_.size()) < count) fibers_.push_back(std::make_unique<Fiber>());
    for (int i = 0; i < count; i++) fibers_[i]->stop = Stop::none;
    for (Stop common = Stop::none; common != Stop::end;) {
      common = Stop::none;
      for (int i = 0; i < count / warp_size; i++) {
        const Stop stop = run_warp(turned(i, count / warp_size) * warp_size);
        if (common != Stop::none && stop != common) fail("the warps of a block do not meet at one barrier");
        common = stop;
      }
    }
  }

  // The same for threads that never wait for each other: no fibers.
  void run_apart(const std::function<void()> &body, int count) {
    running_ = nobody;
    for (int i = 0; i < count; i++) {
      thread_index = {unsigned(turned(i, count)), 0, 0};
      body();
    }
  }

  // Called by a thread: lets the others catch up. Every fiber goes on where it was, so no frame is left behind and the
  // address sanitizer need not look for one before each jump, which takes longer than all that a kernel does.
  [[gnu::no_sanitize_address]] void stop(Stop at) {
    if (running_ == nobody) fail("a thread waits for others where none was to wait");
    Fiber &fiber = *fibers_[running_];
    fiber.stop = at;
    if (!__builtin_setjmp(fiber.place)) jump(scheduler_);
  }

  // Called by all lanes of a warp: each gives a value and takes that of another lane. Two sets of slots in turn, so
  // that a fast lane does not overwrite what a slow one has yet to read.
  template <class Source> float exchange(float value, Source source) {
    if (running_ == nobody) fail("a thread asks others where none was to wait");
    Fiber &fiber = *fibers_[running_];
    const int lane = running_ % warp_size, warp = running_ - lane, set = fiber.exchanges++ % 2;
    fiber.offered[set] = value;
    stop(Stop::warp);
    return fibers_[warp + source(lane)]->offered[set];
  }

private:
  static constexpr int warp_size = 32, nobody = -1;
  static constexpr size_t stack_size = 16 << 10, stack_shift = 448;
  // A place to go on from: the compiler's own light form of setjmp.
  using Place = void *[5];
  [[noreturn, gnu::noinline, gnu::no_sanitize_address]] static void jump(Place &to) { __builtin_longjmp(to, 1); }

  struct Fiber {
    Place place;
    ucontext_t start;
    std::unique_ptr<char[]> stack;
    Stop stop = Stop::none;
    float offered[2];
    unsigned exchanges = 0;
  };

  static int turned(int i, int count) { return order == 0 ? i : count - 1 - i; }

  [[noreturn]] static void fail(const char *what) {
    std::fprintf(stderr, "emulation: %s\n", what);
    std::abort();
  }

  // Runs the 32 threads from `first` on until all wait for the whole block or have ended.
  Stop run_warp(int first) {
    if (fibers_[first]->stop == Stop::end) return Stop::end;
    for (;;) {
      Stop common = Stop::none;
      for (int i = 0; i < warp_size; i++) {
        const Stop stop = resume(first + turned(i, warp_size));
        if (common != Stop::none && stop != common) fail("the lanes of a warp do not meet at one barrier");
        common = stop;
      }
      if (common != Stop::warp) return common;
    }
  }

  [[gnu::no_sanitize_address]] Stop resume(int index) {
    Fiber &fiber = *fibers_[index];
    running_ = index;
    thread_index = {unsigned(index), 0, 0};
    if (__builtin_setjmp(scheduler_)) return fibers_[running_]->stop;
    if (fiber.stack) jump(fiber.place);
    // stacks begin at different places of a cache line's set, or they would drive each other out of the cache
    const size_t shift = size_t(index) * stack_shift % stack_size / 64 * 64;
    fiber.stack = std::make_unique<char[]>(stack_size + shift);
    getcontext(&fiber.start);
    fiber.start.uc_stack.ss_sp = fiber.stack.get() + shift;
    fiber.start.uc_stack.ss_size = stack_size;
    makecontext(&fiber.start, serve, 0);
    setcontext(&fiber.start);
    fail("a fiber could not be started");
  }

  static void serve() {
    for (;;) {
      Block &block = current();
      (*block.body_)();
      block.stop(Stop::end);
    }
  }

  const std::function<void()> *body_ = nullptr;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Place scheduler_;
  int running_ = 0;
};

} // namespace emulation
