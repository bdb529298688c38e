// The transcendental functions of contract nc-1, written once over the vector vocabulary. Only fma, add, sub, mul, div,
// sqrt, compare-select and integer operations: every instruction set and device gives the same bits.
#pragma once
#include "scalar.h"

namespace trainer {
namespace {

// e^x for finite x; saturates at 88.72 instead of overflowing and underflows gradually to zero.
template <class S> CANON inline typename S::Vec exp(typename S::Vec x) {
  using V = typename S::Vec;
  const V highest = S::set1(88.722839f), lowest = S::set1(-104.0f);
  x = S::select(S::greater(x, highest), highest, x);
  x = S::select(S::less(x, lowest), lowest, x);
  const V magic = S::set1(12582912.0f); // 1.5 * 2^23: adding it rounds to the nearest integer
  const V shifted = S::fma(x, S::set1(1.44269504f), magic);
  const V n = S::sub(shifted, magic);
  V r = S::fma(n, S::set1(-0.693359375f), x);
  r = S::fma(n, S::set1(2.12194440e-4f), r);
  V p = S::set1(1.9852762e-4f);
  p = S::fma(p, r, S::set1(1.3930436e-3f));
  p = S::fma(p, r, S::set1(8.3333608e-3f));
  p = S::fma(p, r, S::set1(4.1666485e-2f));
  p = S::fma(p, r, S::set1(1.6666667e-1f));
  p = S::fma(p, r, S::set1(0.5f));
  const V y = S::add(S::fma(S::mul(r, r), p, r), S::set1(1.0f));
  // 2^k in two factors, so that only a subnormal result is rounded a second time
  const typename S::Int k = S::sub_int(S::bits(shifted), S::int1(0x4B400000));
  const typename S::Int half = S::template shift_right_signed<1>(k);
  const typename S::Int rest = S::sub_int(k, half);
  const typename S::Int bias = S::int1(127);
  const V first = S::from_bits(S::template shift_left<23>(S::add_int(half, bias)));
  const V second = S::from_bits(S::template shift_left<23>(S::add_int(rest, bias)));
  return S::mul(S::mul(y, first), second);
}

// ln x for normal positive x.
template <class S> CANON inline typename S::Vec log(typename S::Vec x) {
  using V = typename S::Vec;
  typename S::Int ix = S::add_int(S::bits(x), S::int1(0x3f800000 - 0x3f3504f3));
  const typename S::Int k = S::sub_int(S::template shift_right<23>(ix), S::int1(127));
  ix = S::add_int(S::and_int(ix, S::int1(0x007fffff)), S::int1(0x3f3504f3));
  const V f = S::sub(S::from_bits(ix), S::set1(1.0f));
  const V s = S::div(f, S::add(S::set1(2.0f), f));
  const V z = S::mul(s, s), w = S::mul(z, z);
  const V t1 = S::mul(w, S::fma(w, S::set1(0.24279078841f), S::set1(0.40000972152f)));
  const V t2 = S::mul(z, S::fma(w, S::set1(0.28498786688f), S::set1(0.66666662693f)));
  const V series = S::add(t2, t1), h = S::mul(S::set1(0.5f), S::mul(f, f)), dk = S::to_float(k);
  const V a = S::fma(dk, S::set1(9.0580006145e-06f), S::mul(s, S::add(h, series)));
  return S::fma(dk, S::set1(6.9313812256e-01f), S::sub(f, S::sub(h, a)));
}

// ln(1 + u) for u in [0, 1].
template <class S> CANON inline typename S::Vec log1p(typename S::Vec u) {
  using V = typename S::Vec;
  const V one = S::set1(1.0f), w = S::add(one, u);
  const V lost = S::sub(u, S::sub(w, one));
  return S::add(trainer::log<S>(w), S::div(lost, w));
}

// e^-|x|, which never overflows.
template <class S> CANON inline typename S::Vec exp_minus_abs(typename S::Vec x) {
  const typename S::Vec negated = S::from_bits(S::add_int(S::bits(x), S::int1(INT32_MIN)));
  return trainer::exp<S>(S::select(S::less(x, S::set1(0.0f)), x, negated));
}

template <class S> CANON inline typename S::Vec sigmoid(typename S::Vec x) {
  using V = typename S::Vec;
  const V one = S::set1(1.0f), e = exp_minus_abs<S>(x);
  return S::div(S::select(S::less(x, S::set1(0.0f)), e, one), S::add(one, e));
}

template <class S> CANON inline typename S::Vec softplus(typename S::Vec x) {
  const typename S::Vec zero = S::set1(0.0f), e = exp_minus_abs<S>(x);
  return S::add(S::select(S::greater(x, zero), x, zero), trainer::log1p<S>(e));
}

template <class S> CANON inline typename S::Vec silu(typename S::Vec x) { return S::mul(x, trainer::sigmoid<S>(x)); }

template <class S> CANON inline typename S::Vec rsqrt(typename S::Vec x) { return S::div(S::set1(1.0f), S::sqrt(x)); }

} // namespace
} // namespace trainer
