// Causal softmax attention without positions, one head after the other. For positions j <= t of one head of P channels:
//   s[t][j] = (q_t . k_j) * (1 / sqrt(P))             one fma chain over ascending channels, then one multiplication
//   m_t = max over j of s[t][j]                       Z_t = R32 over j of exp(s[t][j] - m_t)
//   w[t][j] = exp(s[t][j] - m_t) * (1 / Z_t)          o_t = sum over j of w[t][j] v_j
// and backward, with a the gradient of o:
//   b[t][j] = a_t . v_j (a chain)                     d_t = R32 over j of w[t][j] b[t][j], each taken in by fma
//   g[t][j] = (w[t][j] * (b[t][j] - d_t)) * (1 / sqrt(P))
//   dq_t = sum over j of g[t][j] k_j                  dk_j = sum over t of g[t][j] q_t, dv_j = sum over t of w[t][j] a_t
// A sum over positions is a MATMUL of exactly the terms that exist (j <= t): an fma chain over ascending positions inside
// each segment of 256, counted from the beginning of the sequence, segments folded left by plain adds.
#pragma once
#include "matmul.h"

namespace trainer {
namespace {

inline size_t reference_attention_scratch(const Shape &, int length) {
  return 2 * size_t(length < segment_depth ? length : segment_depth) * length;
}

template <class Real> Real score_scale(int head) { return Real(1) / sqrt_of(Real(head)); }

// Queries, keys and values of one head; positions are `row` apart.
template <class Real> struct HeadView {
  HeadView(const Shape &shape, const Real *projected, int h)
      : q(projected + size_t(h) * shape.head), k(q + shape.width), v(k + shape.width), row(3 * shape.width) {}
  const Real *q, *k, *v;
  ptrdiff_t row;
};

// Sum over positions first <= k < last, where k = 0 begins the sequence.
template <class Real>
Real positions_sum(const Real *a, ptrdiff_t a_step, const Real *b, ptrdiff_t b_step, int first, int last) {
  Real total = 0;
  for (int begin = first / segment_depth * segment_depth; begin < last; begin += segment_depth) {
    const int from = begin < first ? first : begin, to = begin + segment_depth < last ? begin + segment_depth : last;
    const Real part = chain(a, a_step, b, b_step, from, to);
    total = begin <= first ? part : total + part;
  }
  return total;
}

template <class Real> void scores(const Shape &shape, const HeadView<Real> &in, int t, Real *row) {
  const Real scale = score_scale<Real>(shape.head);
  for (int j = 0; j <= t; j++) row[j] = chain(in.q + t * in.row, 1, in.k + j * in.row, 1, 0, shape.head) * scale;
}

template <class Real>
void reference_attention_forward(const Shape &shape, int length, const AttentionForward<Real> &op) {
  Real *weights = op.scratch;
  for (int h = 0; h < shape.attention_heads(); h++) {
    const HeadView<Real> in(shape, op.projected, h);
    for (int t = 0; t < length; t++) {
      scores(shape, in, t, weights);
      Real most = weights[0];
      for (int j = 1; j <= t; j++) most = weights[j] > most ? weights[j] : most;
      for (int j = 0; j <= t; j++) weights[j] = exp_of(weights[j] - most);
      const Real share = Real(1) / lanes_sum(weights, t + 1);
      op.peak[size_t(h) * length + t] = most;
      op.share[size_t(h) * length + t] = share;
      for (int j = 0; j <= t; j++) weights[j] = weights[j] * share;
      for (int p = 0; p < shape.head; p++)
        op.output[size_t(t) * shape.width + h * shape.head + p] = positions_sum(weights, 1, in.v + p, in.row, 0, t + 1);
    }
  }
}

// Rows [begin, end) of w and g, which stand `length` apart.
template <class Real>
void attention_rows(const Shape &shape, int length, const AttentionBackward<Real> &op, const HeadView<Real> &in, int h,
                    int begin, int end, Real *weights, Real *grads) {
  const Real scale = score_scale<Real>(shape.head);
  for (int t = begin; t < end; t++) {
    Real *w = weights + size_t(t - begin) * length, *g = grads + size_t(t - begin) * length;
    const Real most = op.peak[size_t(h) * length + t], share = op.share[size_t(h) * length + t];
    const Real *grad = op.grad_output + size_t(t) * shape.width + h * shape.head;
    scores(shape, in, t, w);
    for (int j = 0; j <= t; j++) {
      w[j] = exp_of(w[j] - most) * share;
      g[j] = chain(grad, 1, in.v + j * in.row, 1, 0, shape.head);
    }
    const Real mean = lanes_dot(w, g, t + 1);
    for (int j = 0; j <= t; j++) g[j] = (w[j] * (g[j] - mean)) * scale;
  }
}

template <class Real>
void reference_attention_backward(const Shape &shape, int length, const AttentionBackward<Real> &op) {
  const int width = shape.width;
  Real *weights = op.scratch, *grads = weights + reference_attention_scratch(shape, length) / 2;
  for (int h = 0; h < shape.attention_heads(); h++) {
    const HeadView<Real> in(shape, op.projected, h);
    Real *out = op.grad_projected + size_t(h) * shape.head;
    const Real *grad_output = op.grad_output + size_t(h) * shape.head;
    // one segment of positions t at a time: what it adds to the gradients of keys and values is one part of their sums
    for (int begin = 0; begin < length; begin += segment_depth) {
      const int end = begin + segment_depth < length ? begin + segment_depth : length;
      attention_rows(shape, length, op, in, h, begin, end, weights, grads);
      for (int t = begin; t < end; t++)
        for (int p = 0; p < shape.head; p++)
          out[t * in.row + p] = positions_sum(grads + size_t(t - begin) * length, 1, in.k + p, in.row, 0, t + 1);
      for (int j = 0; j < end; j++)
        for (int p = 0; p < shape.head; p++) {
          const int first = j < begin ? 0 : j - begin;
          const Real key = chain(grads + j, length, in.q + begin * in.row + p, in.row, first, end - begin);
          const Real value = chain(weights + j, length, grad_output + ptrdiff_t(begin) * width + p, width, first, end - begin);
          Real &dk = out[j * in.row + width + p], &dv = out[j * in.row + 2 * width + p];
          dk = j < begin ? dk + key : key;
          dv = j < begin ? dv + value : value;
        }
    }
  }
}

} // namespace
} // namespace trainer
