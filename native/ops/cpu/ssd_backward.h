// The chunked state-space dual backward. The arithmetic is that of ops/reference/ssd_backward.h.
#pragma once
#include "ops/reference/ssd_backward.h"
#include "ssd_forward.h"

namespace trainer {
namespace {

struct HeadBackwardScratch {
  float *grad_cb, *decay, *mixing, *grad_mixing;         // [Q, Q]
  float *dy, *scaled, *leaving, *weighted;               // [Q, P]
  float *from_state, *into_state, *grad_scaled, *mixed;  // [Q, P]
  float *entering_decay, *leaving_decay, *grad_decay, *column; // [Q]
  float *passed;                                         // [N, P]
  float *packed;
};

template <class S>
inline void cpu_backward_prepare(const Shape &shape, const ChunkScratch &chunk, const HeadBackward<float> &at,
                                 const HeadBackwardScratch &w) {
  const int Q = shape.chunk, P = shape.head;
  mix<S>(Q, at.cs, chunk.cb, w.decay, w.mixing);
  edge_decays<S>(Q, at.cs, w.entering_decay, w.leaving_decay);
  for (int t = 0; t < Q; t++) {
    const float dt = at.dt[t], entering = w.entering_decay[t], leaving = w.leaving_decay[t];
    const float *x = at.x + ptrdiff_t(t) * at.row, *grad = at.dy + ptrdiff_t(t) * at.dy_row;
    const ptrdiff_t row = ptrdiff_t(t) * P;
    for_lanes<S>(P, [=](auto lanes, size_t p) {
      using L = decltype(lanes);
      const auto value = L::mul(L::load(x + p), L::set1(dt)), dy = L::load(grad + p);
      L::store(w.scaled + row + p, value);
      L::store(w.leaving + row + p, L::mul(value, L::set1(leaving)));
      L::store(w.dy + row + p, dy);
      L::store(w.weighted + row + p, L::mul(dy, L::set1(entering)));
    });
  }
}

template <class S>
inline void cpu_backward_states(const Shape &shape, const ChunkScratch &chunk, const HeadBackward<float> &at,
                                const HeadBackwardScratch &w) {
  const int Q = shape.chunk, P = shape.head, N = shape.state;
  const float kept = w.entering_decay[Q - 1];
  for (int t = 0; t < Q; t++) w.grad_decay[t] = 0.0f;
  if (!at.first_chunk) {
    product<S>(Q, P, N, {chunk.c, N, 1}, panels_of<S>(at.state, N, P, w.packed), w.from_state, P, false);
    product<S>(Q, N, P, {w.weighted, P, 1}, transposed_panels<S>(at.state, P, N, w.packed), at.dc, at.row, true);
    for (int t = 0; t < Q; t++) w.grad_decay[t] = reduce_dot<S>(w.weighted + t * P, w.from_state + t * P, P);
  }
  if (!at.last_chunk) {
    product<S>(Q, P, N, {chunk.b, N, 1}, panels_of<S>(at.grad_state, N, P, w.packed), w.into_state, P, false);
    product<S>(Q, N, P, {w.leaving, P, 1}, transposed_panels<S>(at.grad_state, P, N, w.packed), at.db, at.row, true);
    float total = 0.0f;
    for (int t = 0; t < Q; t++) {
      const float q = reduce_dot<S>(w.into_state + t * P, w.leaving + t * P, P);
      w.grad_decay[t] = w.grad_decay[t] - q;
      total = total + q;
    }
    if (!at.first_chunk) total = Scalar::fma(reduce_dot<S>(at.grad_state, at.state, N * P), kept, total);
    w.grad_decay[Q - 1] = w.grad_decay[Q - 1] + total;
  }
  if (at.first_chunk) return;
  product<S>(N, P, Q, {chunk.c, 1, N}, panels_of<S>(w.weighted, Q, P, w.packed), w.passed, P, false);
  const bool last = at.last_chunk;
  float *gradient = at.grad_state;
  for_lanes<S>(size_t(N) * P, [=](auto lanes, size_t i) {
    using L = decltype(lanes);
    const auto here = L::load(w.passed + i);
    L::store(gradient + i, last ? here : L::fma(L::set1(kept), L::load(gradient + i), here));
  });
}

template <class S>
inline void cpu_backward_mixing(const Shape &shape, const HeadBackwardScratch &w) {
  const int Q = shape.chunk, P = shape.head;
  product<S, Span::from_row>(Q, P, Q, {w.mixing, 1, Q}, panels_of<S>(w.dy, Q, P, w.packed), w.mixed, P, false);
  product_lower<S>(Q, P, {w.dy, P, 1}, transposed_panels<S>(w.scaled, P, Q, w.packed), w.grad_mixing, Q);
  for (int s = 0; s < Q; s++) w.column[s] = 0.0f;
  for (int l = 0; l < Q; l++) {
    const ptrdiff_t row = ptrdiff_t(l) * Q;
    // whole vectors up to the one with the diagonal; beyond the diagonal they hold +0
    const int count = (l + S::width) / S::width * S::width, used = count < Q ? count : Q;
    for_lanes<S>(used, [=](auto lanes, size_t s) {
      using L = decltype(lanes);
      const auto value = L::load(w.grad_mixing + row + s);
      L::store(w.grad_cb + row + s, L::fma(value, L::load(w.decay + row + s), L::load(w.grad_cb + row + s)));
      L::store(w.grad_mixing + row + s, L::mul(value, L::load(w.mixing + row + s)));
    });
    for (int s = l + 1; s < Q; s++) w.grad_mixing[row + s] = 0.0f;
    for_lanes<S>(used, [=](auto lanes, size_t s) {
      using L = decltype(lanes);
      L::store(w.column + s, L::add(L::load(w.column + s), L::load(w.grad_mixing + row + s)));
    });
    w.grad_decay[l] = w.grad_decay[l] + reduce_sum<S>(w.grad_mixing + row, Q);
  }
  for (int s = 0; s < Q; s++) w.grad_decay[s] = w.grad_decay[s] - w.column[s];
}

template <class S>
inline void cpu_backward_inputs(const Shape &shape, const SsdBackward<float> &op, const HeadBackward<float> &at,
                                const HeadBackwardScratch &w) {
  const int Q = shape.chunk, P = shape.head;
  const float rate = -trainer::exp<Scalar>(op.decay_log[at.h]), skip = op.skip[at.h];
  float running = 0.0f, grad_rate = 0.0f, grad_skip = op.grad_skip[at.h];
  for (int t = 0; t < Q; t++) grad_skip = grad_skip + reduce_dot<S>(w.dy + t * P, at.x + ptrdiff_t(t) * at.row, P);
  op.grad_skip[at.h] = grad_skip;
  const bool last = at.last_chunk;
  for (int t = Q - 1; t >= 0; t--) {
    const float *x = at.x + ptrdiff_t(t) * at.row, *dy = w.dy + t * P, *mixed = w.mixed + t * P;
    const float *into = w.into_state + t * P;
    float *grad = w.grad_scaled + t * P, *dx = at.dx + ptrdiff_t(t) * at.row;
    const float dt = at.dt[t], decay = w.leaving_decay[t];
    for_lanes<S>(P, [=](auto lanes, size_t p) {
      using L = decltype(lanes);
      auto value = L::load(mixed + p);
      if (!last) value = L::add(L::mul(L::set1(decay), L::load(into + p)), value);
      L::store(grad + p, value);
      L::store(dx + p, L::fma(value, L::set1(dt), L::mul(L::set1(skip), L::load(dy + p))));
    });
    running = running + w.grad_decay[t];
    grad_rate = Scalar::fma(running, dt, grad_rate);
    at.grad_step[t] = Scalar::fma(running, rate, reduce_dot<S>(grad, x, P));
  }
  op.grad_decay_log[at.h] = Scalar::fma(grad_rate, rate, op.grad_decay_log[at.h]);
}

template <class S>
inline void cpu_backward_similarity(const Shape &shape, const ChunkScratch &chunk, const HeadBackward<float> &at,
                                    const HeadBackwardScratch &w) {
  const int Q = shape.chunk, N = shape.state;
  product<S, Span::up_to_row>(Q, N, Q, {w.grad_cb, Q, 1}, panels_of<S>(chunk.b, Q, N, w.packed), at.dc, at.row, true);
  product<S, Span::from_row>(Q, N, Q, {w.grad_cb, 1, Q}, panels_of<S>(chunk.c, Q, N, w.packed), at.db, at.row, true);
}

template <class S> size_t cpu_ssd_scratch(const Shape &shape) {
  const size_t q = shape.chunk, p = shape.head, n = shape.state, line = 16;
  return (2 * (q * n + line) + 5 * (q * q + line) + 8 * (q * p + line) + 4 * (q + line) + (n * p + line)) +
         shape.heads() * n * p + line + panel_room<S>(shape);
}

template <class S> void cpu_ssd_backward(const Shape &shape, int length, const SsdBackward<float> &op) {
  const size_t Q = shape.chunk, P = shape.head, N = shape.state;
  Arena<float> arena(op.scratch);
  const ChunkScratch shared{arena.take(Q * N), arena.take(Q * N), arena.take(Q * Q)};
  float *grad_state = arena.take(shape.heads() * N * P);
  HeadBackwardScratch w;
  for (float **matrix : {&w.grad_cb, &w.decay, &w.mixing, &w.grad_mixing}) *matrix = arena.take(Q * Q);
  for (float **rows : {&w.dy, &w.scaled, &w.leaving, &w.weighted, &w.from_state, &w.into_state, &w.grad_scaled, &w.mixed})
    *rows = arena.take(Q * P);
  for (float **row : {&w.entering_decay, &w.leaving_decay, &w.grad_decay, &w.column}) *row = arena.take(Q);
  w.passed = arena.take(N * P);
  w.packed = arena.take(panel_room<S>(shape));
  for (int chunk = length / shape.chunk - 1; chunk >= 0; chunk--) {
    prepare_chunk<S>(shape, ChunkView<float>(shape, length, chunk, op.activated, op.step, op.decay), shared, w.packed);
    std::memset(w.grad_cb, 0, Q * Q * sizeof(float));
    HeadBackward<float> at = head_backward(shape, length, op, chunk, 0, grad_state);
    for (size_t t = 0; t < Q; t++) std::memset(at.db + t * at.row, 0, 2 * N * sizeof(float));
    for (int h = 0; h < shape.heads(); h++) {
      at = head_backward(shape, length, op, chunk, h, grad_state);
      cpu_backward_prepare<S>(shape, shared, at, w);
      cpu_backward_states<S>(shape, shared, at, w);
      cpu_backward_mixing<S>(shape, w);
      cpu_backward_inputs<S>(shape, op, at, w);
    }
    cpu_backward_similarity<S>(shape, shared, at, w);
  }
}

} // namespace
} // namespace trainer
