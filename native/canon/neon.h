// Four lanes: AArch64 Advanced SIMD.
#pragma once
#include <arm_neon.h>
#include <cstddef>
#include <cstdint>

namespace trainer {
namespace {

struct Neon {
  using Vec = float32x4_t;
  using Int = int32x4_t;
  using Mask = uint32x4_t;
  static constexpr int width = 4;
  static constexpr int tile_rows = 6;
  static constexpr int tile_vectors = 4;

  static inline Vec load(const float *from) { return vld1q_f32(from); }
  static inline void store(float *to, Vec value) { vst1q_f32(to, value); }
  static inline Vec set1(float value) { return vdupq_n_f32(value); }
  static inline Vec fma(Vec a, Vec b, Vec c) { return vfmaq_f32(c, a, b); }
  static inline Vec add(Vec a, Vec b) { return vaddq_f32(a, b); }
  static inline Vec sub(Vec a, Vec b) { return vsubq_f32(a, b); }
  static inline Vec mul(Vec a, Vec b) { return vmulq_f32(a, b); }
  static inline Vec div(Vec a, Vec b) { return vdivq_f32(a, b); }
  static inline Vec sqrt(Vec a) { return vsqrtq_f32(a); }
  static inline Mask greater(Vec a, Vec b) { return vcgtq_f32(a, b); }
  static inline Mask less(Vec a, Vec b) { return vcltq_f32(a, b); }
  static inline Vec select(Mask condition, Vec yes, Vec no) { return vbslq_f32(condition, yes, no); }

  static inline Int int1(int32_t value) { return vdupq_n_s32(value); }
  static inline Int bits(Vec a) { return vreinterpretq_s32_f32(a); }
  static inline Vec from_bits(Int a) { return vreinterpretq_f32_s32(a); }
  static inline Int add_int(Int a, Int b) { return vaddq_s32(a, b); }
  static inline Int sub_int(Int a, Int b) { return vsubq_s32(a, b); }
  static inline Int and_int(Int a, Int b) { return vandq_s32(a, b); }
  template <int Count> static inline Int shift_left(Int a) { return vshlq_n_s32(a, Count); }
  template <int Count> static inline Int shift_right(Int a) {
    return vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(a), Count));
  }
  template <int Count> static inline Int shift_right_signed(Int a) { return vshrq_n_s32(a, Count); }
  static inline Vec to_float(Int a) { return vcvtq_f32_s32(a); }

  // Four by four floats, rows to columns.
  static inline void transpose(const float *from, std::ptrdiff_t from_row, float *to, std::ptrdiff_t to_row) {
    const float32x4x2_t top = vtrnq_f32(load(from), load(from + from_row));
    const float32x4x2_t bottom = vtrnq_f32(load(from + 2 * from_row), load(from + 3 * from_row));
    store(to, vcombine_f32(vget_low_f32(top.val[0]), vget_low_f32(bottom.val[0])));
    store(to + to_row, vcombine_f32(vget_low_f32(top.val[1]), vget_low_f32(bottom.val[1])));
    store(to + 2 * to_row, vcombine_f32(vget_high_f32(top.val[0]), vget_high_f32(bottom.val[0])));
    store(to + 3 * to_row, vcombine_f32(vget_high_f32(top.val[1]), vget_high_f32(bottom.val[1])));
  }
  static constexpr int transpose_size = 4;
};

} // namespace
} // namespace trainer
