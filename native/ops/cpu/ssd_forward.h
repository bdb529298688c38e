// The chunked state-space dual forward. The arithmetic is that of ops/reference/ssd_forward.h.
#pragma once
#include "lanes.h"
#include "matmul.h"
#include "model/arena.h"
#include "ops/reference/ssd_forward.h"

namespace trainer {
namespace {

// Rows of a right-hand side as panels: in place when they stand side by side in whole panels, else packed to `buffer`.
template <class S> inline Panels panels_of(const float *rows, int depth, int columns, float *buffer) {
  if (columns % tile_columns<S> == 0) return {rows, columns, tile_columns<S>};
  cpu_pack<S>({rows, columns, 1}, depth, columns, buffer);
  return {buffer, tile_columns<S>, ptrdiff_t(tile_columns<S>) * depth};
}

// The transpose of [columns, depth] rows as panels.
template <class S> inline Panels transposed_panels(const float *rows, int depth, int columns, float *buffer) {
  cpu_pack<S>({rows, 1, depth}, depth, columns, buffer);
  return {buffer, tile_columns<S>, ptrdiff_t(tile_columns<S>) * depth};
}

// Matrices of one chunk that its heads share, side by side in memory.
struct ChunkScratch {
  float *b, *c; // [Q, N]
  float *cb;    // [Q, Q], below and on the diagonal
};

// Room of one packed right-hand side of the head's products.
template <class S> inline size_t panel_room(const Shape &shape) {
  const int side = shape.chunk > shape.state ? shape.chunk : shape.state, most = side > shape.head ? side : shape.head;
  return cpu_packed_size<S>(most, most);
}

template <class S> inline void copy_columns(const float *from, ptrdiff_t row, int rows, int columns, float *to) {
  for (int t = 0; t < rows; t++) {
    const float *source = from + t * row;
    float *target = to + ptrdiff_t(t) * columns;
    for_lanes<S>(columns, [=](auto lanes, size_t j) {
      using L = decltype(lanes);
      L::store(target + j, L::load(source + j));
    });
  }
}

template <class S>
inline void prepare_chunk(const Shape &shape, const ChunkView<float> &in, const ChunkScratch &w, float *packed) {
  copy_columns<S>(in.b, in.row, shape.chunk, shape.state, w.b);
  copy_columns<S>(in.c, in.row, shape.chunk, shape.state, w.c);
  const Panels right = transposed_panels<S>(w.b, shape.state, shape.chunk, packed);
  product_lower<S>(shape.chunk, shape.state, {w.c, shape.state, 1}, right, w.cb, shape.chunk);
}

// decay[l][s] = exp(cs_l - cs_s) and mixing = CB * decay for s <= l; what stands above the diagonal has no meaning.
template <class S> inline void mix(int chunk, const float *cs, const float *cb, float *decay, float *mixing) {
  for (int l = 0; l < chunk; l++) {
    const int row = l * chunk;
    const float here = cs[l];
    const int count = (l + S::width) / S::width * S::width;
    for_lanes<S>(count < chunk ? count : chunk, [=](auto lanes, size_t s) {
      using L = decltype(lanes);
      const auto fading = trainer::exp<L>(L::sub(L::set1(here), L::load(cs + s)));
      if (decay) L::store(decay + row + s, fading);
      L::store(mixing + row + s, L::mul(L::load(cb + row + s), fading));
    });
  }
}

// entering = exp(cs), leaving = exp(cs_last - cs)
template <class S> inline void edge_decays(int chunk, const float *cs, float *entering, float *leaving) {
  const float last = cs[chunk - 1];
  for_lanes<S>(chunk, [=](auto lanes, size_t t) {
    using L = decltype(lanes);
    L::store(entering + t, trainer::exp<L>(L::load(cs + t)));
    L::store(leaving + t, trainer::exp<L>(L::sub(L::set1(last), L::load(cs + t))));
  });
}

struct HeadForward {
  const float *x, *cs, *dt, *state; // state is null for the first chunk
  float *y, *next;                  // next is null for the last chunk
  int row, y_row;
  float skip;
};

struct HeadForwardScratch {
  float *mixing, *scaled, *leaving, *from_state, *added, *entering_decay, *leaving_decay, *packed;
};

template <class S>
inline void head_forward(const Shape &shape, const ChunkScratch &chunk, const HeadForward &at,
                         const HeadForwardScratch &w) {
  const int Q = shape.chunk, P = shape.head, N = shape.state;
  mix<S>(Q, at.cs, chunk.cb, nullptr, w.mixing);
  edge_decays<S>(Q, at.cs, w.entering_decay, w.leaving_decay);
  for (int t = 0; t < Q; t++) {
    const float dt = at.dt[t], decay = w.leaving_decay[t];
    const float *x = at.x + ptrdiff_t(t) * at.row;
    float *scaled = w.scaled + t * P, *leaving = w.leaving + t * P;
    for_lanes<S>(P, [=](auto lanes, size_t p) {
      using L = decltype(lanes);
      const auto value = L::mul(L::load(x + p), L::set1(dt));
      L::store(scaled + p, value);
      L::store(leaving + p, L::mul(value, L::set1(decay)));
    });
  }
  product<S, Span::up_to_row>(Q, P, Q, {w.mixing, Q, 1}, panels_of<S>(w.scaled, Q, P, w.packed), at.y, at.y_row, false);
  if (at.state)
    product<S>(Q, P, N, {chunk.c, N, 1}, panels_of<S>(at.state, N, P, w.packed), w.from_state, P, false);
  for (int t = 0; t < Q; t++) {
    const float *x = at.x + ptrdiff_t(t) * at.row, *remembered = at.state ? w.from_state + t * P : nullptr;
    float *y = at.y + ptrdiff_t(t) * at.y_row;
    const float decay = w.entering_decay[t], skip = at.skip;
    for_lanes<S>(P, [=](auto lanes, size_t p) {
      using L = decltype(lanes);
      auto value = L::load(y + p);
      if (remembered) value = L::fma(L::set1(decay), L::load(remembered + p), value);
      L::store(y + p, L::fma(L::set1(skip), L::load(x + p), value));
    });
  }
  if (!at.next) return;
  product<S>(N, P, Q, {chunk.b, 1, N}, panels_of<S>(w.leaving, Q, P, w.packed), w.added, P, false);
  const float kept = w.entering_decay[Q - 1], *added = w.added, *state = at.state;
  float *next = at.next;
  for_lanes<S>(size_t(N) * P, [=](auto lanes, size_t i) {
    using L = decltype(lanes);
    const auto value = L::load(added + i);
    L::store(next + i, state ? L::fma(L::set1(kept), L::load(state + i), value) : value);
  });
}

template <class S> void cpu_ssd_forward(const Shape &shape, int length, const SsdForward<float> &op) {
  const size_t Q = shape.chunk, P = shape.head, N = shape.state;
  Arena<float> arena(op.scratch);
  const ChunkScratch shared{arena.take(Q * N), arena.take(Q * N), arena.take(Q * Q)};
  const HeadForwardScratch w{arena.take(Q * Q), arena.take(Q * P), arena.take(Q * P), arena.take(Q * P),
                             arena.take(N * P), arena.take(Q),     arena.take(Q),     arena.take(panel_room<S>(shape))};
  const int chunks = length / shape.chunk;
  for (int chunk = 0; chunk < chunks; chunk++) {
    const ChunkView<float> in(shape, length, chunk, op.activated, op.step, op.decay);
    prepare_chunk<S>(shape, in, shared, w.packed);
    for (int h = 0; h < shape.heads(); h++) {
      float *state = op.states + chunk * op.state_stride + h * N * P;
      HeadForward at;
      at.x = in.x + h * P, at.cs = in.decay + size_t(h) * length, at.dt = in.step + size_t(h) * length;
      at.state = chunk > 0 ? state : nullptr;
      at.next = chunk + 1 < chunks ? state + op.state_stride : nullptr;
      at.y = op.output + size_t(chunk) * Q * shape.inner() + h * P;
      at.row = in.row, at.y_row = shape.inner(), at.skip = op.skip[h];
      head_forward<S>(shape, shared, at, w);
    }
  }
}

} // namespace
} // namespace trainer
