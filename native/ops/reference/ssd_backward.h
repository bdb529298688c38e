// The chunked state-space dual backward: chunks descending, heads ascending. R is the gradient of the state leaving the
// chunk, [N, P]; the last chunk has none, as the first has no entering state.
#pragma once
#include "ssd_forward.h"

namespace trainer {
namespace {

inline size_t reference_ssd_scratch(const Shape &shape) {
  const size_t q = shape.chunk, p = shape.head, n = shape.state;
  return 5 * q * q + 6 * q * p + 2 * q + shape.heads() * n * p;
}

template <class Real> struct SsdBackwardScratch {
  SsdBackwardScratch(const Shape &shape, Real *at) {
    const size_t q = shape.chunk, p = shape.head, n = shape.state;
    auto take = [&at](size_t count) {
      Real *taken = at;
      at += count;
      return taken;
    };
    cb = take(q * q), grad_cb = take(q * q), decay = take(q * q), mixing = take(q * q), grad_mixing = take(q * q);
    scaled = take(q * p), leaving = take(q * p), weighted = take(q * p);
    from_state = take(q * p), into_state = take(q * p), grad_scaled = take(q * p);
    grad_decay = take(q), column = take(q), grad_state = take(shape.heads() * n * p);
  }
  Real *cb, *grad_cb, *decay, *mixing, *grad_mixing; // [Q, Q]
  Real *scaled, *leaving;                            // [Q, P] dt x, and decayed to the end of the chunk
  Real *weighted;                                    // [Q, P] exp(cs) dy
  Real *from_state, *into_state;                     // [Q, P] C h, and B R
  Real *grad_scaled;                                 // [Q, P]
  Real *grad_decay, *column;                         // [Q]
  Real *grad_state;                                  // [H, N, P]
};

// One chunk and head, with the places of its inputs and outputs.
template <class Real> struct HeadBackward {
  int chunk, h;
  bool first_chunk, last_chunk;
  const Real *x, *b, *c, *cs, *dt, *dy, *state;
  Real *dx, *db, *dc, *grad_step, *grad_state;
  int row;    // of x, b, c and their gradients
  int dy_row; // of dy
};

template <class Real>
void backward_prepare(const Shape &shape, const HeadBackward<Real> &at, const SsdBackwardScratch<Real> &w) {
  const int Q = shape.chunk, P = shape.head;
  for (int l = 0; l < Q; l++) {
    for (int s = 0; s <= l; s++) {
      w.decay[l * Q + s] = exp_of(at.cs[l] - at.cs[s]);
      w.mixing[l * Q + s] = w.cb[l * Q + s] * w.decay[l * Q + s];
    }
    const Real entering = exp_of(at.cs[l]), leaving = exp_of(at.cs[Q - 1] - at.cs[l]);
    for (int p = 0; p < P; p++) {
      w.scaled[l * P + p] = at.x[l * at.row + p] * at.dt[l];
      w.leaving[l * P + p] = w.scaled[l * P + p] * leaving;
      w.weighted[l * P + p] = at.dy[l * at.dy_row + p] * entering;
    }
  }
}

// Terms through the entering and the leaving state: dC, dB, the decay gradient, and the state gradient passed on.
template <class Real>
void backward_states(const Shape &shape, const HeadBackward<Real> &at, const SsdBackwardScratch<Real> &w) {
  const int Q = shape.chunk, P = shape.head, N = shape.state;
  const Real last = at.cs[Q - 1], kept = exp_of(last);
  for (int l = 0; l < Q; l++) w.grad_decay[l] = 0;
  if (!at.first_chunk)
    for (int l = 0; l < Q; l++) {
      for (int p = 0; p < P; p++)
        w.from_state[l * P + p] = chain(at.c + l * at.row, 1, at.state + p, P, 0, N);
      for (int n = 0; n < N; n++) {
        Real &dc = at.dc[l * at.row + n];
        dc = dc + chain(w.weighted + l * P, 1, at.state + n * P, 1, 0, P);
      }
      w.grad_decay[l] = lanes_dot(w.weighted + l * P, w.from_state + l * P, P);
    }
  if (!at.last_chunk) {
    Real total = 0;
    for (int l = 0; l < Q; l++) {
      const Real decay = exp_of(last - at.cs[l]);
      for (int p = 0; p < P; p++)
        w.into_state[l * P + p] = chain(at.b + l * at.row, 1, at.grad_state + p, P, 0, N);
      for (int n = 0; n < N; n++) {
        Real &db = at.db[l * at.row + n];
        db = db + chain(w.leaving + l * P, 1, at.grad_state + n * P, 1, 0, P);
      }
      const Real q = lanes_dot(w.into_state + l * P, w.leaving + l * P, P);
      w.grad_decay[l] = w.grad_decay[l] - q;
      total = total + q;
      for (int p = 0; p < P; p++) w.grad_scaled[l * P + p] = decay * w.into_state[l * P + p];
    }
    if (!at.first_chunk) total = fused(lanes_dot(at.grad_state, at.state, N * P), kept, total);
    w.grad_decay[Q - 1] = w.grad_decay[Q - 1] + total;
  }
  if (at.first_chunk) return;
  for (int n = 0; n < N; n++)
    for (int p = 0; p < P; p++) {
      const Real here = chain(at.c + n, at.row, w.weighted + p, P, 0, Q);
      Real &gradient = at.grad_state[n * P + p];
      gradient = at.last_chunk ? here : fused(kept, gradient, here);
    }
}

// Terms inside the chunk: the gradient of M, of CB, and the rest of the decay gradient.
template <class Real>
void backward_mixing(const Shape &shape, const HeadBackward<Real> &at, const SsdBackwardScratch<Real> &w) {
  const int Q = shape.chunk, P = shape.head;
  for (int s = 0; s < Q; s++)
    for (int p = 0; p < P; p++) {
      const Real sum = chain(w.mixing + s, Q, at.dy + p, at.dy_row, s, Q);
      Real &out = w.grad_scaled[s * P + p];
      out = at.last_chunk ? sum : out + sum;
    }
  for (int s = 0; s < Q; s++) w.column[s] = 0;
  for (int l = 0; l < Q; l++) {
    Real *grad = w.grad_mixing + l * Q;
    for (int s = 0; s < Q; s++) {
      if (s > l) {
        grad[s] = 0;
        continue;
      }
      const Real value = chain(at.dy + l * at.dy_row, 1, w.scaled + s * P, 1, 0, P);
      w.grad_cb[l * Q + s] = fused(value, w.decay[l * Q + s], w.grad_cb[l * Q + s]);
      grad[s] = value * w.mixing[l * Q + s];
      w.column[s] = w.column[s] + grad[s];
    }
    w.grad_decay[l] = w.grad_decay[l] + lanes_sum(grad, Q);
  }
  for (int s = 0; s < Q; s++) w.grad_decay[s] = w.grad_decay[s] - w.column[s];
}

// From the decay gradient to dt, A and x.
template <class Real>
void backward_inputs(const Shape &shape, const SsdBackward<Real> &op, const HeadBackward<Real> &at,
                     const SsdBackwardScratch<Real> &w) {
  const int Q = shape.chunk, P = shape.head;
  const Real rate = -exp_of(op.decay_log[at.h]), skip = op.skip[at.h];
  Real running = 0, grad_rate = 0, grad_skip = op.grad_skip[at.h];
  for (int t = 0; t < Q; t++) grad_skip = grad_skip + lanes_dot(at.dy + t * at.dy_row, at.x + t * at.row, P);
  op.grad_skip[at.h] = grad_skip;
  for (int t = Q - 1; t >= 0; t--) {
    running = running + w.grad_decay[t];
    grad_rate = fused(running, at.dt[t], grad_rate);
    at.grad_step[t] = fused(running, rate, lanes_dot(w.grad_scaled + t * P, at.x + t * at.row, P));
    for (int p = 0; p < P; p++)
      at.dx[t * at.row + p] = fused(w.grad_scaled[t * P + p], at.dt[t], skip * at.dy[t * at.dy_row + p]);
  }
  op.grad_decay_log[at.h] = fused(grad_rate, rate, op.grad_decay_log[at.h]);
}

// What the heads share: the gradient of CB flows to C and B.
template <class Real>
void backward_similarity(const Shape &shape, const HeadBackward<Real> &at, const SsdBackwardScratch<Real> &w) {
  const int Q = shape.chunk, N = shape.state;
  for (int t = 0; t < Q; t++)
    for (int n = 0; n < N; n++) {
      Real &dc = at.dc[t * at.row + n], &db = at.db[t * at.row + n];
      dc = dc + chain(w.grad_cb + t * Q, 1, at.b + n, at.row, 0, t + 1);
      db = db + chain(w.grad_cb + t, Q, at.c + n, at.row, t, Q);
    }
}

template <class Real>
HeadBackward<Real> head_backward(const Shape &shape, int length, const SsdBackward<Real> &op, int chunk, int h,
                                 Real *grad_state) {
  const ChunkView<Real> in(shape, length, chunk, op.activated, op.step, op.decay);
  const size_t head_state = size_t(shape.state) * shape.head;
  Real *dx = op.grad_activated + size_t(chunk) * shape.chunk * shape.convolved();
  HeadBackward<Real> at;
  at.chunk = chunk, at.h = h;
  at.first_chunk = chunk == 0, at.last_chunk = (chunk + 1) * shape.chunk == length;
  at.x = in.x + h * shape.head, at.b = in.b, at.c = in.c;
  at.cs = in.decay + size_t(h) * length, at.dt = in.step + size_t(h) * length;
  at.dy = op.grad_output + size_t(chunk) * shape.chunk * shape.inner() + h * shape.head;
  at.state = op.states + (size_t(chunk) * shape.heads() + h) * head_state;
  at.dx = dx + h * shape.head, at.db = dx + shape.inner(), at.dc = at.db + shape.state;
  at.grad_step = op.grad_step + size_t(h) * length + chunk * shape.chunk;
  at.grad_state = grad_state + h * head_state;
  at.row = shape.convolved(), at.dy_row = shape.inner();
  return at;
}

template <class Real> void reference_ssd_backward(const Shape &shape, int length, const SsdBackward<Real> &op) {
  const int Q = shape.chunk;
  const SsdBackwardScratch<Real> w(shape, op.scratch);
  for (int chunk = length / Q - 1; chunk >= 0; chunk--) {
    similarity(shape, ChunkView<Real>(shape, length, chunk, op.activated, op.step, op.decay), w.cb);
    for (int i = 0; i < Q * Q; i++) w.grad_cb[i] = 0;
    HeadBackward<Real> at = head_backward(shape, length, op, chunk, 0, w.grad_state);
    for (int t = 0; t < Q; t++)
      for (int n = 0; n < 2 * shape.state; n++) at.db[t * at.row + n] = 0;
    for (int h = 0; h < shape.heads(); h++) {
      at = head_backward(shape, length, op, chunk, h, w.grad_state);
      backward_prepare(shape, at, w);
      backward_states(shape, at, w);
      backward_mixing(shape, at, w);
      backward_inputs(shape, op, at, w);
    }
    backward_similarity(shape, at, w);
  }
}

} // namespace
} // namespace trainer
