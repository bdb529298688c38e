#include "byte_scores.h"
#include "forward.h"
#include <cmath>
#include <cstring>
#include <vector>

// Not under the thread sanitizer, which is not there yet when the dynamic linker asks which one to take.
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
// Nothing is contracted or reordered in any of them, so they give the same bits.
#define FOR_EACH_MACHINE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_MACHINE
#endif

namespace trainer {
namespace {

constexpr int vocabulary = Shape::vocabulary;
constexpr double ln_2 = 0.6931471805599453, ln_2_high = 0.6931471803691238, ln_2_low = 1.9082149292705877e-10;
constexpr double least_exponent = -700.0;

// e^(row - largest), 0 far below.
FOR_EACH_MACHINE void weigh(const float *row, double largest, double *weights) {
  for (int v = 0; v < vocabulary; v++) {
    const double x = double(row[v]) - largest;
    const double k = std::floor(x / ln_2 + 0.5);
    const double rest = x - k * ln_2_high - k * ln_2_low;
    double sum = (1.0 / 6227020800) * rest + 1.0 / 479001600;
    sum = sum * rest + 1.0 / 39916800;
    sum = sum * rest + 1.0 / 3628800;
    sum = sum * rest + 1.0 / 362880;
    sum = sum * rest + 1.0 / 40320;
    sum = sum * rest + 1.0 / 5040;
    sum = sum * rest + 1.0 / 720;
    sum = sum * rest + 1.0 / 120;
    sum = sum * rest + 1.0 / 24;
    sum = sum * rest + 1.0 / 6;
    sum = sum * rest + 1.0 / 2;
    sum = sum * rest + 1.0;
    sum = sum * rest + 1.0;
    const int64_t bits = int64_t(int32_t(x < least_exponent ? 0.0 : k) + 1023) << 52;
    double power;
    std::memcpy(&power, &bits, sizeof power);
    weights[v] = x < least_exponent ? 0.0 : sum * power;
  }
}

FOR_EACH_MACHINE void divide(const double *weights, double total, double *probabilities) {
  for (int v = 0; v < vocabulary; v++) probabilities[v] = weights[v] / total;
}

double natural_logarithm(double x) {
  double mantissa = x, exponent = 0.0;
  for (; mantissa > 1.5; exponent = exponent + 1.0) mantissa = mantissa / 2.0;
  for (; mantissa < 0.75; exponent = exponent - 1.0) mantissa = mantissa * 2.0;
  const double ratio = (mantissa - 1.0) / (mantissa + 1.0);
  double sum = 0.0, power = ratio;
  for (int n = 1; n <= 41; n += 2) {
    sum = sum + power / double(n);
    power = power * (ratio * ratio);
  }
  return 2.0 * sum + exponent * ln_2;
}

// The first of the largest; -1 where a logit is not finite.
int most_likely(const float *row) {
  int best = 0;
  for (int v = 0; v < vocabulary; v++) {
    if (!std::isfinite(row[v])) return -1;
    if (row[v] > row[best]) best = v;
  }
  return best;
}

} // namespace

trainer_byte_score score_byte(const float *logits, uint8_t target, double threshold) {
  const int top = most_likely(logits);
  if (top < 0) return {NAN, NAN, NAN, NAN, 0, 0};
  const double largest = double(logits[top]);
  double weights[vocabulary], probabilities[vocabulary];
  weigh(logits, largest, weights);
  double total = 0.0;
  for (double weight : weights) total = total + weight;
  divide(weights, total, probabilities);
  double squares = 0.0;
  uint16_t held = 0;
  for (double probability : probabilities) {
    squares = squares + probability * probability;
    held = uint16_t(held + (probability >= threshold));
  }
  const double likelihood = probabilities[target];
  return {1.0 / total,
          likelihood,
          squares - 2.0 * likelihood + 1.0,
          largest - double(logits[target]) + natural_logarithm(total),
          held,
          uint8_t(top == target)};
}

void byte_scores(const Machine &machine, const Model &model, const ledger::Sequences &sequences, double threshold,
                 trainer_byte_score *scores) {
  const int length = int(sequences.length());
  std::vector<size_t> first(sequences.count() + 1, 0);
  for (size_t i = 0; i < sequences.count(); i++) first[i + 1] = first[i] + sequences.scored(i, 1);
  trainer::score(machine, model, sequences, false, [&](size_t i, const float *z, const float *) {
    const uint8_t *targets = sequences.targets(i), *mask = sequences.mask(i);
    trainer_byte_score *score = scores + first[i];
    for (int t = 0; t < length; t++)
      if (mask[t]) *score++ = score_byte(z + size_t(t) * vocabulary, targets[t], threshold);
  });
}

} // namespace trainer
