// Sixteen lanes emulated with two AVX2 registers: the code paths of a 16-lane machine, testable on an 8-lane one.
#pragma once
#include "avx2.h"

namespace trainer {
namespace {

struct Wide16 {
  struct Vec {
    __m256 low, high;
  };
  struct Int {
    __m256i low, high;
  };
  using Mask = Vec;
  static constexpr int width = 16;
  static constexpr int tile_rows = 14;
  static constexpr int tile_vectors = 2;

  static inline Vec load(const float *from) { return {Avx2::load(from), Avx2::load(from + 8)}; }
  static inline void store(float *to, Vec value) {
    Avx2::store(to, value.low);
    Avx2::store(to + 8, value.high);
  }
  static inline Vec set1(float value) { return {Avx2::set1(value), Avx2::set1(value)}; }
  static inline Vec fma(Vec a, Vec b, Vec c) {
    return {Avx2::fma(a.low, b.low, c.low), Avx2::fma(a.high, b.high, c.high)};
  }
  static inline Vec add(Vec a, Vec b) { return {Avx2::add(a.low, b.low), Avx2::add(a.high, b.high)}; }
  static inline Vec sub(Vec a, Vec b) { return {Avx2::sub(a.low, b.low), Avx2::sub(a.high, b.high)}; }
  static inline Vec mul(Vec a, Vec b) { return {Avx2::mul(a.low, b.low), Avx2::mul(a.high, b.high)}; }
  static inline Vec div(Vec a, Vec b) { return {Avx2::div(a.low, b.low), Avx2::div(a.high, b.high)}; }
  static inline Vec sqrt(Vec a) { return {Avx2::sqrt(a.low), Avx2::sqrt(a.high)}; }
  static inline Mask greater(Vec a, Vec b) { return {Avx2::greater(a.low, b.low), Avx2::greater(a.high, b.high)}; }
  static inline Mask less(Vec a, Vec b) { return {Avx2::less(a.low, b.low), Avx2::less(a.high, b.high)}; }
  static inline Vec select(Mask condition, Vec yes, Vec no) {
    return {Avx2::select(condition.low, yes.low, no.low), Avx2::select(condition.high, yes.high, no.high)};
  }

  static inline Int int1(int32_t value) { return {Avx2::int1(value), Avx2::int1(value)}; }
  static inline Int bits(Vec a) { return {Avx2::bits(a.low), Avx2::bits(a.high)}; }
  static inline Vec from_bits(Int a) { return {Avx2::from_bits(a.low), Avx2::from_bits(a.high)}; }
  static inline Int add_int(Int a, Int b) { return {Avx2::add_int(a.low, b.low), Avx2::add_int(a.high, b.high)}; }
  static inline Int sub_int(Int a, Int b) { return {Avx2::sub_int(a.low, b.low), Avx2::sub_int(a.high, b.high)}; }
  static inline Int and_int(Int a, Int b) { return {Avx2::and_int(a.low, b.low), Avx2::and_int(a.high, b.high)}; }
  template <int Count> static inline Int shift_left(Int a) {
    return {Avx2::shift_left<Count>(a.low), Avx2::shift_left<Count>(a.high)};
  }
  template <int Count> static inline Int shift_right(Int a) {
    return {Avx2::shift_right<Count>(a.low), Avx2::shift_right<Count>(a.high)};
  }
  template <int Count> static inline Int shift_right_signed(Int a) {
    return {Avx2::shift_right_signed<Count>(a.low), Avx2::shift_right_signed<Count>(a.high)};
  }
  static inline Vec to_float(Int a) { return {Avx2::to_float(a.low), Avx2::to_float(a.high)}; }

  static inline void transpose(const float *from, std::ptrdiff_t from_row, float *to, std::ptrdiff_t to_row) {
    Avx2::transpose(from, from_row, to, to_row);
  }
  static constexpr int transpose_size = Avx2::transpose_size;
};

} // namespace
} // namespace trainer
