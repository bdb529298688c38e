// Sixteen lanes: AVX-512 (F, DQ, VL, BW).
#pragma once
#include "avx2.h"

namespace trainer {
namespace {

struct Avx512 {
  using Vec = __m512;
  using Int = __m512i;
  using Mask = __mmask16;
  static constexpr int width = 16;
  static constexpr int tile_rows = 14;
  static constexpr int tile_vectors = 2;

  static inline Vec load(const float *from) { return _mm512_loadu_ps(from); }
  static inline void store(float *to, Vec value) { _mm512_storeu_ps(to, value); }
  static inline Vec set1(float value) { return _mm512_set1_ps(value); }
  static inline Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
  static inline Vec add(Vec a, Vec b) { return _mm512_add_ps(a, b); }
  static inline Vec sub(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
  static inline Vec mul(Vec a, Vec b) { return _mm512_mul_ps(a, b); }
  static inline Vec div(Vec a, Vec b) { return _mm512_div_ps(a, b); }
  static inline Vec sqrt(Vec a) { return _mm512_sqrt_ps(a); }
  static inline Mask greater(Vec a, Vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
  static inline Mask less(Vec a, Vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
  static inline Vec select(Mask condition, Vec yes, Vec no) { return _mm512_mask_blend_ps(condition, no, yes); }

  static inline Int int1(int32_t value) { return _mm512_set1_epi32(value); }
  static inline Int bits(Vec a) { return _mm512_castps_si512(a); }
  static inline Vec from_bits(Int a) { return _mm512_castsi512_ps(a); }
  static inline Int add_int(Int a, Int b) { return _mm512_add_epi32(a, b); }
  static inline Int sub_int(Int a, Int b) { return _mm512_sub_epi32(a, b); }
  static inline Int and_int(Int a, Int b) { return _mm512_and_si512(a, b); }
  template <int Count> static inline Int shift_left(Int a) { return _mm512_slli_epi32(a, Count); }
  template <int Count> static inline Int shift_right(Int a) { return _mm512_srli_epi32(a, Count); }
  template <int Count> static inline Int shift_right_signed(Int a) { return _mm512_srai_epi32(a, Count); }
  static inline Vec to_float(Int a) { return _mm512_cvtepi32_ps(a); }

  static inline void transpose(const float *from, std::ptrdiff_t from_row, float *to, std::ptrdiff_t to_row) {
    Avx2::transpose(from, from_row, to, to_row);
  }
  static constexpr int transpose_size = Avx2::transpose_size;
};

} // namespace
} // namespace trainer
