// One lane on a CUDA device, every operation by an intrinsic that names its rounding: neither nvcc nor ptxas may
// contract, flush or approximate one of these.
#pragma once
#include <cstdint>
#include <cuda_runtime.h>

namespace trainer {
namespace {

struct Cuda {
  using Vec = float;
  using Int = int32_t;
  using Mask = bool;
  static constexpr int width = 1;

  static __device__ inline Vec set1(float value) { return value; }
  static __device__ inline Vec fma(Vec a, Vec b, Vec c) { return __fmaf_rn(a, b, c); }
  static __device__ inline Vec add(Vec a, Vec b) { return __fadd_rn(a, b); }
  static __device__ inline Vec sub(Vec a, Vec b) { return __fsub_rn(a, b); }
  static __device__ inline Vec mul(Vec a, Vec b) { return __fmul_rn(a, b); }
  static __device__ inline Vec div(Vec a, Vec b) { return __fdiv_rn(a, b); }
  static __device__ inline Vec sqrt(Vec a) { return __fsqrt_rn(a); }
  static __device__ inline Mask greater(Vec a, Vec b) { return a > b; }
  static __device__ inline Mask less(Vec a, Vec b) { return a < b; }
  static __device__ inline Vec select(Mask condition, Vec yes, Vec no) { return condition ? yes : no; }

  static __device__ inline Int int1(int32_t value) { return value; }
  static __device__ inline Int bits(Vec a) { return __float_as_int(a); }
  static __device__ inline Vec from_bits(Int a) { return __int_as_float(a); }
  static __device__ inline Int add_int(Int a, Int b) { return int32_t(uint32_t(a) + uint32_t(b)); }
  static __device__ inline Int sub_int(Int a, Int b) { return int32_t(uint32_t(a) - uint32_t(b)); }
  static __device__ inline Int and_int(Int a, Int b) { return a & b; }
  template <int Count> static __device__ inline Int shift_left(Int a) { return int32_t(uint32_t(a) << Count); }
  template <int Count> static __device__ inline Int shift_right(Int a) { return int32_t(uint32_t(a) >> Count); }
  template <int Count> static __device__ inline Int shift_right_signed(Int a) { return a >> Count; }
  static __device__ inline Vec to_float(Int a) { return __int2float_rn(a); }
};

} // namespace
} // namespace trainer
