// Causal attention. The arithmetic is that of ops/reference/attention.h: one segment of rows at a time against all the
// positions before them, as products.
#pragma once
#include "lanes.h"
#include "loss.h"
#include "matmul.h"
#include "model/arena.h"
#include "ops/reference/attention.h"

namespace trainer {
namespace {

// Rows of w or of g that are in hand at once, `length` apart, and right-hand sides packed once per head or per segment.
struct AttentionScratch {
  float *weights, *grads;
  float *keys, *values;      // as columns: [P] -> [T]
  float *segments;           // of values or keys as rows, one segment of positions after the other: [256] -> [P]
  float *queries, *outgoing; // of one segment as rows
};

template <class S> AttentionScratch attention_scratch(const Shape &shape, int length, Arena<float> &arena) {
  const int rows = length < segment_depth ? length : segment_depth;
  const size_t segments = size_t(length + segment_depth - 1) / segment_depth;
  AttentionScratch w;
  for (float **stripe : {&w.weights, &w.grads}) *stripe = arena.take(size_t(rows) * length);
  for (float **columns : {&w.keys, &w.values}) *columns = arena.take(cpu_packed_size<S>(shape.head, length));
  w.segments = arena.take(segments * cpu_packed_size<S>(segment_depth, shape.head));
  for (float **panels : {&w.queries, &w.outgoing}) *panels = arena.take(cpu_packed_size<S>(rows, shape.head));
  return w;
}

template <class S> size_t cpu_attention_scratch(const Shape &shape, int length) {
  Arena<float> measured(nullptr);
  attention_scratch<S>(shape, length, measured);
  return measured.used();
}

template <class S> inline Panels panels_at(const float *packed, int depth) {
  return {packed, tile_columns<S>, ptrdiff_t(tile_columns<S>) * depth};
}

// `rows` positions of a head, `row` apart, as the right-hand side of a sum over positions.
template <class S> inline Panels pack_positions(const float *from, ptrdiff_t row, int rows, int head, float *to) {
  cpu_pack<S>({from, row, 1}, rows, head, to);
  return panels_at<S>(to, rows);
}

inline int rows_from(int begin, int length) {
  return length - begin < segment_depth ? length - begin : segment_depth;
}

template <class S> void pack_segments(const float *from, ptrdiff_t row, int length, int head, float *to) {
  for (int begin = 0; begin < length; begin += segment_depth, to += cpu_packed_size<S>(segment_depth, head))
    pack_positions<S>(from + begin * row, row, rows_from(begin, length), head, to);
}

// out[t][j] = left_t . right_j for the rows of the segment at `begin` and all j <= t; some elements beyond are written.
template <class S>
inline void row_products(const Shape &shape, int length, int begin, const float *left, ptrdiff_t left_row,
                         const float *columns, float *out) {
  const int rows = rows_from(begin, length);
  const Panels right = panels_at<S>(columns, shape.head);
  product<S>(rows, begin, shape.head, {left, left_row, 1}, right, out, length, false);
  const Panels diagonal{right.data + begin / tile_columns<S> * right.panel, right.row, right.panel};
  product_lower<S>(rows, shape.head, {left, left_row, 1}, diagonal, out + begin, length);
}

// out_t = sum over j <= t of weights[t][j] (row j of the segments), for the rows of the segment at `begin`.
template <class S>
inline void sum_over_earlier(const Shape &shape, int length, int begin, const float *weights, const float *segments,
                             float *out, ptrdiff_t out_row) {
  const int rows = rows_from(begin, length), head = shape.head;
  for (int from = 0; from < begin; from += segment_depth, segments += cpu_packed_size<S>(segment_depth, head))
    product<S>(rows, head, segment_depth, {weights + from, length, 1}, panels_at<S>(segments, segment_depth), out, out_row,
               from > 0);
  product<S, Span::up_to_row>(rows, head, rows, {weights + begin, length, 1}, panels_at<S>(segments, rows), out, out_row,
                              begin > 0);
}

// out_j += sum over t >= j of weights[t][j] (row t), t in the segment at `begin`: set where this is the first part.
template <class S>
inline void sum_over_later(const Shape &shape, int length, int begin, const float *weights, Panels rows_of_segment,
                           float *out, ptrdiff_t out_row) {
  const int rows = rows_from(begin, length), head = shape.head;
  product<S>(begin, head, rows, {weights, 1, length}, rows_of_segment, out, out_row, true);
  product<S, Span::from_row>(rows, head, rows, {weights + begin, 1, length}, rows_of_segment, out + begin * out_row,
                             out_row, false);
}

template <class S> inline void scale_by(float *row, float factor, int count) {
  for_lanes<S>(count, [=](auto lanes, size_t j) {
    using L = decltype(lanes);
    L::store(row + j, L::mul(L::load(row + j), L::set1(factor)));
  });
}

template <class S> void cpu_attention_forward(const Shape &shape, int length, const AttentionForward<float> &op) {
  const float scale = score_scale<float>(shape.head);
  Arena<float> arena(op.scratch);
  const AttentionScratch w = attention_scratch<S>(shape, length, arena);
  for (int h = 0; h < shape.attention_heads(); h++) {
    const HeadView<float> in(shape, op.projected, h);
    float *peak = op.peak + size_t(h) * length, *share = op.share + size_t(h) * length;
    cpu_pack<S>({in.k, 1, in.row}, shape.head, length, w.keys);
    pack_segments<S>(in.v, in.row, length, shape.head, w.segments);
    for (int begin = 0; begin < length; begin += segment_depth) {
      row_products<S>(shape, length, begin, in.q + begin * in.row, in.row, w.keys, w.weights);
      for (int t = begin; t < begin + rows_from(begin, length); t++) {
        float *row = w.weights + size_t(t - begin) * length;
        scale_by<S>(row, scale, t + 1);
        peak[t] = cpu_largest<S>(row, t + 1);
        exponentials<S>(row, peak[t], t + 1, row);
        share[t] = 1.0f / reduce_sum<S>(row, t + 1);
        scale_by<S>(row, share[t], t + 1);
      }
      sum_over_earlier<S>(shape, length, begin, w.weights, w.segments,
                          op.output + size_t(begin) * shape.width + h * shape.head, shape.width);
    }
  }
}

// From scores and from products with the values to w and g, in place.
template <class S>
inline void attention_row_backward(float *weights, float *grads, float scale, float peak, float share, int count) {
  for_lanes<S>(count, [=](auto lanes, size_t j) {
    using L = decltype(lanes);
    const auto score = L::mul(L::load(weights + j), L::set1(scale));
    L::store(weights + j, L::mul(trainer::exp<L>(L::sub(score, L::set1(peak))), L::set1(share)));
  });
  const float mean = reduce_dot<S>(weights, grads, count);
  for_lanes<S>(count, [=](auto lanes, size_t j) {
    using L = decltype(lanes);
    const auto centred = L::sub(L::load(grads + j), L::set1(mean));
    L::store(grads + j, L::mul(L::mul(L::load(weights + j), centred), L::set1(scale)));
  });
}

template <class S> void cpu_attention_backward(const Shape &shape, int length, const AttentionBackward<float> &op) {
  const float scale = score_scale<float>(shape.head);
  const int width = shape.width;
  Arena<float> arena(op.scratch);
  const AttentionScratch w = attention_scratch<S>(shape, length, arena);
  for (int h = 0; h < shape.attention_heads(); h++) {
    const HeadView<float> in(shape, op.projected, h);
    const float *peak = op.peak + size_t(h) * length, *share = op.share + size_t(h) * length;
    float *out = op.grad_projected + size_t(h) * shape.head;
    cpu_pack<S>({in.k, 1, in.row}, shape.head, length, w.keys);
    cpu_pack<S>({in.v, 1, in.row}, shape.head, length, w.values);
    pack_segments<S>(in.k, in.row, length, shape.head, w.segments);
    for (int begin = 0; begin < length; begin += segment_depth) {
      const int rows = rows_from(begin, length);
      const float *grad = op.grad_output + size_t(begin) * width + h * shape.head, *queries = in.q + begin * in.row;
      row_products<S>(shape, length, begin, queries, in.row, w.keys, w.weights);
      row_products<S>(shape, length, begin, grad, width, w.values, w.grads);
      for (int t = 0; t < rows; t++)
        attention_row_backward<S>(w.weights + size_t(t) * length, w.grads + size_t(t) * length, scale, peak[begin + t],
                                  share[begin + t], begin + t + 1);
      sum_over_earlier<S>(shape, length, begin, w.grads, w.segments, out + begin * in.row, in.row);
      sum_over_later<S>(shape, length, begin, w.grads, pack_positions<S>(queries, in.row, rows, shape.head, w.queries),
                        out + width, in.row);
      sum_over_later<S>(shape, length, begin, w.weights, pack_positions<S>(grad, width, rows, shape.head, w.outgoing),
                        out + 2 * width, in.row);
    }
  }
}

} // namespace
} // namespace trainer
