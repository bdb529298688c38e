// MATMUL of contract nc-1: per element an fma chain from +0 over ascending k inside each segment of 256, segments folded
// left with plain adds.
#pragma once
#include "canon/constants.h"
#include "ops/op_table.h"
#include "arithmetic.h"

namespace trainer {
namespace {

inline size_t reference_packed_size(int depth, int columns) { return size_t(depth) * columns; }

template <class Real> void reference_pack(Strided<Real> b, int depth, int columns, Real *packed) {
  for (int k = 0; k < depth; k++)
    for (int n = 0; n < columns; n++) packed[size_t(k) * columns + n] = b.data[k * b.row + n * b.column];
}

// One element: terms first <= k < last of a row of `a` with a column of `b`, for spans inside one segment.
template <class Real>
Real chain(const Real *a, ptrdiff_t a_step, const Real *b, ptrdiff_t b_step, int first, int last) {
  Real sum = 0;
  for (int k = first; k < last; k++) sum = fused(a[k * a_step], b[k * b_step], sum);
  return sum;
}

template <class Real>
void reference_matmul(int rows, int columns, int depth, Strided<Real> a, const Real *packed, Real *c, ptrdiff_t c_row) {
  for (int m = 0; m < rows; m++)
    for (int n = 0; n < columns; n++) {
      Real total = 0;
      for (int begin = 0; begin < depth; begin += segment_depth) {
        const int end = begin + segment_depth < depth ? begin + segment_depth : depth;
        const Real part = chain(a.data + m * a.row, a.column, packed + n, ptrdiff_t(columns), begin, end);
        total = begin == 0 ? part : total + part;
      }
      c[m * c_row + n] = total;
    }
}

} // namespace
} // namespace trainer
