// Eight lanes: AVX2 with FMA.
#pragma once
#include <cstddef>
#include <cstdint>
#include <immintrin.h>

namespace trainer {
namespace {

struct Avx2 {
  using Vec = __m256;
  using Int = __m256i;
  using Mask = __m256;
  static constexpr int width = 8;
  static constexpr int tile_rows = 6;
  static constexpr int tile_vectors = 2;

  static inline Vec load(const float *from) { return _mm256_loadu_ps(from); }
  static inline void store(float *to, Vec value) { _mm256_storeu_ps(to, value); }
  static inline Vec set1(float value) { return _mm256_set1_ps(value); }
  static inline Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
  static inline Vec add(Vec a, Vec b) { return _mm256_add_ps(a, b); }
  static inline Vec sub(Vec a, Vec b) { return _mm256_sub_ps(a, b); }
  static inline Vec mul(Vec a, Vec b) { return _mm256_mul_ps(a, b); }
  static inline Vec div(Vec a, Vec b) { return _mm256_div_ps(a, b); }
  static inline Vec sqrt(Vec a) { return _mm256_sqrt_ps(a); }
  static inline Mask greater(Vec a, Vec b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
  static inline Mask less(Vec a, Vec b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
  static inline Vec select(Mask condition, Vec yes, Vec no) { return _mm256_blendv_ps(no, yes, condition); }

  static inline Int int1(int32_t value) { return _mm256_set1_epi32(value); }
  static inline Int bits(Vec a) { return _mm256_castps_si256(a); }
  static inline Vec from_bits(Int a) { return _mm256_castsi256_ps(a); }
  static inline Int add_int(Int a, Int b) { return _mm256_add_epi32(a, b); }
  static inline Int sub_int(Int a, Int b) { return _mm256_sub_epi32(a, b); }
  static inline Int and_int(Int a, Int b) { return _mm256_and_si256(a, b); }
  template <int Count> static inline Int shift_left(Int a) { return _mm256_slli_epi32(a, Count); }
  template <int Count> static inline Int shift_right(Int a) { return _mm256_srli_epi32(a, Count); }
  template <int Count> static inline Int shift_right_signed(Int a) { return _mm256_srai_epi32(a, Count); }
  static inline Vec to_float(Int a) { return _mm256_cvtepi32_ps(a); }

  // Eight by eight floats, rows to columns.
  static inline void transpose(const float *from, std::ptrdiff_t from_row, float *to, std::ptrdiff_t to_row) {
    Vec r[8], t[8];
    for (int i = 0; i < 8; i++) r[i] = load(from + i * from_row);
    for (int i = 0; i < 8; i += 2) {
      t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
      t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
      r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
      r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
      r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
      r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
      store(to + i * to_row, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
      store(to + (i + 4) * to_row, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
    }
  }
  static constexpr int transpose_size = 8;
};

} // namespace
} // namespace trainer
