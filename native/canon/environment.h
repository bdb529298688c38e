// The floating-point environment of contract nc-1: round to nearest even, gradual underflow, no traps. Other code in the
// process may have switched on flush-to-zero, so each worker sets it on entry and puts back what it found.
#pragma once
#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace trainer {
namespace {

class FloatEnvironment {
public:
  FloatEnvironment() : found_(read()) { write(canonical); }
  ~FloatEnvironment() { write(found_); }
  FloatEnvironment(const FloatEnvironment &) = delete;
  FloatEnvironment &operator=(const FloatEnvironment &) = delete;

private:
#if defined(__x86_64__)
  using Word = uint32_t;
  static constexpr Word canonical = 0x1F80;
  static Word read() { return _mm_getcsr(); }
  static void write(Word word) { _mm_setcsr(word); }
#elif defined(__aarch64__)
  using Word = uint64_t;
  static constexpr Word canonical = 0;
  static Word read() {
    Word word;
    asm volatile("mrs %0, fpcr" : "=r"(word));
    return word;
  }
  static void write(Word word) { asm volatile("msr fpcr, %0" : : "r"(word)); }
#else
#error "contract nc-1 needs control over the floating-point environment of this processor"
#endif
  Word found_;
};

} // namespace
} // namespace trainer
