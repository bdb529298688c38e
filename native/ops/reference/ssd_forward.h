// The chunked state-space dual forward. For positions l >= s of one chunk and one head, with the decay sums cs:
//   M[l][s] = (C_l . B_s) exp(cs_l - cs_s)       y_l = sum_s M[l][s] dt_s x_s + exp(cs_l) (C_l . h) + D x_l
//   h' = exp(cs_last) h + sum_s B_s (exp(cs_last - cs_s) dt_s x_s)
// The state h is kept as [N, P]. The first chunk has no entering state and no such term.
#pragma once
#include "matmul.h"

namespace trainer {
namespace {

// Where the parts of one chunk stand.
template <class Real> struct ChunkView {
  ChunkView(const Shape &shape, int length, int chunk, const Real *activated, const Real *step, const Real *decay)
      : x(activated + size_t(chunk) * shape.chunk * shape.convolved()), b(x + shape.inner()), c(b + shape.state),
        step(step + chunk * shape.chunk), decay(decay + chunk * shape.chunk), length(length), row(shape.convolved()) {}
  const Real *x, *b, *c, *step, *decay;
  int length; // stride between heads of step and decay
  int row;    // stride between positions of x, b, c
};

// CB[l][s] = C_l . B_s for s <= l, and +0 above the diagonal.
template <class Real> void similarity(const Shape &shape, const ChunkView<Real> &in, Real *cb) {
  for (int l = 0; l < shape.chunk; l++)
    for (int s = 0; s < shape.chunk; s++)
      cb[l * shape.chunk + s] =
          s <= l ? chain(in.c + l * in.row, 1, in.b + s * in.row, 1, 0, shape.state) : Real(0);
}

template <class Real>
void reference_ssd_head(const Shape &shape, const SsdForward<Real> &op, const ChunkView<Real> &in, int chunk, int h,
                        bool last_chunk, const Real *cb) {
  const int Q = shape.chunk, N = shape.state, P = shape.head;
  const Real *cs = in.decay + size_t(h) * in.length, *dt = in.step + size_t(h) * in.length, *x = in.x + h * P;
  const Real *state = op.states + chunk * op.state_stride + size_t(h) * N * P;
  Real *next = op.states + (chunk + 1) * op.state_stride + size_t(h) * N * P;
  const Real last = cs[Q - 1];
  Real *mixing = op.scratch + Q * Q, *scaled = mixing + Q * Q, *leaving = scaled + Q * P;
  for (int l = 0; l < Q; l++) {
    for (int s = 0; s <= l; s++) mixing[l * Q + s] = cb[l * Q + s] * exp_of(cs[l] - cs[s]);
    const Real decay = exp_of(last - cs[l]);
    for (int p = 0; p < P; p++) {
      scaled[l * P + p] = x[l * in.row + p] * dt[l];
      leaving[l * P + p] = scaled[l * P + p] * decay;
    }
  }
  for (int l = 0; l < Q; l++)
    for (int p = 0; p < P; p++) {
      Real y = chain(mixing + l * Q, 1, scaled + p, P, 0, l + 1);
      if (chunk > 0) y = fused(exp_of(cs[l]), chain(in.c + l * in.row, 1, state + p, P, 0, N), y);
      op.output[size_t(chunk * Q + l) * shape.inner() + h * P + p] = fused(op.skip[h], x[l * in.row + p], y);
    }
  if (last_chunk) return;
  const Real kept = exp_of(last);
  for (int n = 0; n < N; n++)
    for (int p = 0; p < P; p++) {
      const Real added = chain(in.b + n, in.row, leaving + p, P, 0, Q);
      next[n * P + p] = chunk > 0 ? fused(kept, state[n * P + p], added) : added;
    }
}

template <class Real> void reference_ssd_forward(const Shape &shape, int length, const SsdForward<Real> &op) {
  const int chunks = length / shape.chunk;
  for (int chunk = 0; chunk < chunks; chunk++) {
    const ChunkView<Real> in(shape, length, chunk, op.activated, op.step, op.decay);
    similarity(shape, in, op.scratch);
    for (int h = 0; h < shape.heads(); h++)
      reference_ssd_head(shape, op, in, chunk, h, chunk + 1 == chunks, op.scratch);
  }
}

} // namespace
} // namespace trainer
