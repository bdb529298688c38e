// Every operation of the model as a table of functions, one table per instruction set. The table of ops/reference is the
// executable specification; all others must give the same bits. No op allocates; matrices are row-major.
#pragma once
#include "model/shape.h"
#include <cstddef>
#include <cstdint>

namespace trainer {

// Element (i, j) is data[i * row + j * column].
template <class Real> struct Strided {
  const Real *data;
  ptrdiff_t row, column;
};

template <class Real> struct ConvForward {
  const Real *projected; // [T, F]
  const Real *taps;      // [4, CD], tap 3 is the current position
  const Real *bias;      // [CD]
  const Real *step_bias; // [H]
  const Real *decay_log; // [H]
  Real *activated;       // [T, CD] silu of the convolution: x, B, C
  Real *gate;            // [T, CD] its sigmoid
  Real *step;            // [H, T] dt, after softplus
  Real *decay;           // [H, T] sum of dt * A from the beginning of the chunk, inclusive
};

template <class Real> struct ConvBackward {
  const Real *projected, *taps, *step_bias; // as above
  const Real *activated, *gate;             // as above
  Real *grad_activated;                     // [T, CD]; used up: becomes the gradient of the convolution
  const Real *grad_step;                    // [H, T] gradient of dt
  Real *grad_projected;                     // [T, F]; the x, B, C and dt columns are written
  Real *grad_taps;                          // [4, CD], added to
  Real *grad_bias, *grad_step_bias;         // added to
};

template <class Real> struct SsdForward {
  const Real *activated, *step, *decay; // as above
  const Real *skip;                     // [H]
  Real *output;                         // [T, DI]
  Real *states;                         // [chunks, H, N, P] state entering each chunk; the first is not used
  ptrdiff_t state_stride;               // between chunks; 0 keeps only the running state
  Real *scratch;                        // ssd_scratch values
};

template <class Real> struct SsdBackward {
  const Real *activated, *step, *decay, *skip, *states; // as above, states with stride H * N * P
  const Real *decay_log;                                // [H]
  const Real *grad_output;                              // [T, DI]
  Real *grad_activated;                                 // [T, CD]
  Real *grad_step;                                      // [H, T]
  Real *grad_skip, *grad_decay_log;                     // [H], added to
  Real *scratch;                                        // ssd_scratch values
};

template <class Real> struct GateForward {
  const Real *output;    // [T, DI]
  const Real *projected; // [T, F], z in the first DI columns
  const Real *weight;    // [DI]
  Real *normalised;      // [T, DI]
  Real *inverse;         // [T] 1 / rms
};

template <class Real> struct GateBackward {
  const Real *output, *projected, *weight, *inverse; // as above
  const Real *grad_normalised;                       // [T, DI]
  Real *normalised;                                  // [T, DI], recomputed
  Real *grad_output;                                 // [T, DI]
  Real *grad_projected;                              // [T, F]; the z columns are written
  Real *grad_weight;                                 // [DI], added to
  Real *scratch;                                     // 3 * DI values
};

template <class Real> struct AttentionForward {
  const Real *projected; // [T, 3 D]: queries, keys, values; a head's channels side by side
  Real *output;          // [T, D]
  Real *peak;            // [AH, T] largest score of the row
  Real *share;           // [AH, T] 1 / the sum of the row's exponentials
  Real *scratch;         // attention_scratch values
};

template <class Real> struct AttentionBackward {
  const Real *projected, *peak, *share; // as above
  const Real *grad_output;              // [T, D]
  Real *grad_projected;                 // [T, 3 D]
  Real *scratch;                        // attention_scratch values
};

template <class Real> struct AdamW {
  Real clip;                         // factor on the gradient
  Real beta1, beta2, rest1, rest2;   // rest = 1 - beta
  Real correction1, correction2;     // 1 / (1 - beta^step)
  Real epsilon, rate, weight_decay;
};

template <class Real> struct OpTable {
  const char *name;

  // Packed right-hand side of a matmul: element (k, n) of `b`, depth x columns; one stride of `b` must be 1.
  size_t (*packed_size)(int depth, int columns);
  void (*pack)(Strided<Real> b, int depth, int columns, Real *packed);
  // c[m, n] = fold over segments of 256 of the fma chain over k from +0. One stride of `a` must be 1.
  void (*matmul)(int rows, int columns, int depth, Strided<Real> a, const Real *packed, Real *c, ptrdiff_t c_row);

  void (*add)(const Real *a, const Real *b, Real *sum, size_t count);
  // out = x / rms(x) * weight, one row at a time; inverse[t] = 1 / rms.
  void (*norm_forward)(const Real *x, const Real *weight, int rows, int width, Real *out, Real *inverse);
  // grad_x is added to when `accumulate`; scratch holds 2 * width values.
  void (*norm_backward)(const Real *x, const Real *weight, const Real *inverse, const Real *grad_out, int rows, int width,
                        Real *grad_x, Real *grad_weight, bool accumulate, Real *scratch);
  // out = (x * inverse) * weight: what norm_forward gave, again.
  void (*norm_again)(const Real *x, const Real *weight, const Real *inverse, int rows, int width, Real *out);

  void (*conv_forward)(const Shape &, int length, const ConvForward<Real> &);
  void (*conv_backward)(const Shape &, int length, const ConvBackward<Real> &);
  size_t (*ssd_scratch)(const Shape &);
  void (*ssd_forward)(const Shape &, int length, const SsdForward<Real> &);
  void (*ssd_backward)(const Shape &, int length, const SsdBackward<Real> &);
  void (*gate_forward)(const Shape &, int length, const GateForward<Real> &);
  void (*gate_backward)(const Shape &, int length, const GateBackward<Real> &);

  size_t (*attention_scratch)(const Shape &, int length);
  void (*attention_forward)(const Shape &, int length, const AttentionForward<Real> &);
  void (*attention_backward)(const Shape &, int length, const AttentionBackward<Real> &);

  // Next-byte loss of each position in nats (0 where mask is 0). When scale > 0 the logits become the gradient of
  // scale * sum of losses, otherwise they are left alone.
  void (*cross_entropy)(Real *logits, const uint8_t *targets, const uint8_t *mask, int rows, int columns, Real scale,
                        Real *losses);
  // KL(p || q) of each position in nats. When scale > 0 the logits of q become the gradient of scale * sum.
  void (*divergence)(const Real *logits_p, Real *logits_q, int rows, int columns, Real scale, Real *nats, Real *scratch);
  // Squared distance of each row from its target, errors[t] = R32 of (x - target)^2 taken in by fma, and the gradient
  // (x - target) * scale.
  void (*squared_error)(const Real *x, const Real *target, int rows, int width, Real scale, Real *errors, Real *gradient);

  Real (*square_sum)(const Real *x, int count); // R32
  void (*adamw)(const AdamW<Real> &, Real *weight, Real *first, Real *second, const Real *gradient, size_t count);
  // w = fma(-rate, w - anchor, w)
  void (*pull)(Real *weight, const Real *anchor, Real rate, size_t count);
};

} // namespace trainer
