// One lane of the vector vocabulary: the executable meaning of every primitive of contract nc-1.
// Each header in canon/ has internal linkage on purpose: it is compiled once per instruction set, and a linker must never
// merge code built for one set into another.
#pragma once
#include <cstdint>
#include <cstring>

// What a function needs in front of it to be compiled for a device as well.
#if defined(__CUDACC__)
#define CANON __host__ __device__
#else
#define CANON
#endif

namespace trainer {
namespace {

struct Scalar {
  using Vec = float;
  using Int = int32_t;
  using Mask = bool;
  static constexpr int width = 1;

  static inline Vec load(const float *from) { return *from; }
  static inline void store(float *to, Vec value) { *to = value; }
  static inline Vec set1(float value) { return value; }
  static inline Vec fma(Vec a, Vec b, Vec c) { return __builtin_fmaf(a, b, c); }
  static inline Vec add(Vec a, Vec b) { return a + b; }
  static inline Vec sub(Vec a, Vec b) { return a - b; }
  static inline Vec mul(Vec a, Vec b) { return a * b; }
  static inline Vec div(Vec a, Vec b) { return a / b; }
  static inline Vec sqrt(Vec a) { return __builtin_sqrtf(a); }
  static inline Mask greater(Vec a, Vec b) { return a > b; }
  static inline Mask less(Vec a, Vec b) { return a < b; }
  static inline Vec select(Mask condition, Vec yes, Vec no) { return condition ? yes : no; }

  static inline Int int1(int32_t value) { return value; }
  static inline Int bits(Vec a) {
    Int out;
    std::memcpy(&out, &a, sizeof out);
    return out;
  }
  static inline Vec from_bits(Int a) {
    Vec out;
    std::memcpy(&out, &a, sizeof out);
    return out;
  }
  static inline Int add_int(Int a, Int b) { return int32_t(uint32_t(a) + uint32_t(b)); }
  static inline Int sub_int(Int a, Int b) { return int32_t(uint32_t(a) - uint32_t(b)); }
  static inline Int and_int(Int a, Int b) { return a & b; }
  template <int Count> static inline Int shift_left(Int a) { return int32_t(uint32_t(a) << Count); }
  template <int Count> static inline Int shift_right(Int a) { return int32_t(uint32_t(a) >> Count); }
  template <int Count> static inline Int shift_right_signed(Int a) { return a >> Count; }
  static inline Vec to_float(Int a) { return float(a); }
};

} // namespace
} // namespace trainer
