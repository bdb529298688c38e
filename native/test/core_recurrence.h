// The model written as its plain recurrence in binary64, sharing no code with the trainer: one position after the other,
// one state per head, no chunks, and attention as its definition.
#pragma once
#include "model/parameters.h"
#include <cmath>
#include <cstdint>
#include <vector>

class PlainRecurrence {
public:
  PlainRecurrence(const trainer::ParameterTable &table, const std::vector<double> &values)
      : table_(table), shape_(table.shape()), values_(values) {}

  // Logits, position by position.
  std::vector<double> logits(const std::vector<uint8_t> &tokens) const {
    const int width = shape_.width;
    std::vector<std::vector<double>> x;
    for (uint8_t token : tokens) x.push_back(slice(table_.embeddings() + size_t(token) * width, width));
    for (int i = 0; i < shape_.layers; i++)
      if (shape_.attends(i))
        add_attention(table_.layer(i), x);
      else
        add_layer(table_.layer(i), x);
    std::vector<double> out;
    for (const std::vector<double> &row : x) {
      const std::vector<double> normal = norm(row, table_.final_norm());
      const std::vector<double> here = multiply(table_.embeddings(), trainer::Shape::vocabulary, normal);
      out.insert(out.end(), here.begin(), here.end());
    }
    return out;
  }

private:
  using Row = std::vector<double>;

  Row slice(size_t offset, size_t count) const {
    return Row(values_.begin() + ptrdiff_t(offset), values_.begin() + ptrdiff_t(offset + count));
  }
  static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

  Row norm(const Row &x, size_t weight) const {
    double squares = 0;
    for (double value : x) squares += value * value;
    const double scale = 1 / std::sqrt(squares / double(x.size()) + double(1e-5f));
    Row out(x);
    for (size_t j = 0; j < x.size(); j++) out[j] *= scale * values_[weight + j];
    return out;
  }
  Row multiply(size_t weight, size_t rows, const Row &x) const {
    Row out(rows);
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < x.size(); j++) out[i] += values_[weight + i * x.size() + j] * x[j];
    return out;
  }

  void add_layer(const trainer::LayerOffsets &at, std::vector<Row> &x) const {
    const int inner = shape_.inner(), channels = shape_.convolved(), N = shape_.state, P = shape_.head;
    std::vector<double> state(size_t(shape_.heads()) * P * N);
    std::vector<Row> history;
    for (Row &row : x) {
      const Row projected = multiply(at.in_proj, size_t(shape_.projected()), norm(row, at.norm));
      history.emplace_back(projected.begin() + inner, projected.begin() + inner + channels);
      const Row s = convolve(at, history);
      Row gated(inner);
      for (int h = 0; h < shape_.heads(); h++) {
        const double raw = projected[inner + channels + h] + values_[at.step_bias + h];
        const double dt = std::log1p(std::exp(raw)), keep = std::exp(-dt * std::exp(values_[at.decay_log + h]));
        for (int p = 0; p < P; p++) {
          const double input = s[h * P + p];
          double y = values_[at.skip + h] * input;
          for (int n = 0; n < N; n++) {
            double &memory = state[(size_t(h) * P + p) * N + n];
            memory = keep * memory + dt * input * s[inner + n];
            y += memory * s[inner + N + n];
          }
          const double z = projected[h * P + p];
          gated[h * P + p] = y * z * sigmoid(z);
        }
      }
      const Row out = multiply(at.out_proj, size_t(shape_.width), norm(gated, at.gate_norm));
      for (int j = 0; j < shape_.width; j++) row[j] += out[j];
    }
  }
  void add_attention(const trainer::LayerOffsets &at, std::vector<Row> &x) const {
    const int width = shape_.width, P = shape_.head;
    const size_t matrix = size_t(width) * width;
    std::vector<Row> keys, values;
    for (Row &row : x) {
      const Row normal = norm(row, at.norm), query = multiply(at.in_proj, size_t(width), normal);
      keys.push_back(multiply(at.in_proj + matrix, size_t(width), normal));
      values.push_back(multiply(at.in_proj + 2 * matrix, size_t(width), normal));
      Row mixed(width);
      for (int h = 0; h < width / P; h++) {
        double total = 0;
        for (size_t j = 0; j < keys.size(); j++) {
          double score = 0;
          for (int p = 0; p < P; p++) score += query[h * P + p] * keys[j][h * P + p];
          const double weight = std::exp(score / std::sqrt(double(P)));
          total += weight;
          for (int p = 0; p < P; p++) mixed[h * P + p] += weight * values[j][h * P + p];
        }
        for (int p = 0; p < P; p++) mixed[h * P + p] /= total;
      }
      const Row out = multiply(at.out_proj, size_t(width), mixed);
      for (int j = 0; j < width; j++) row[j] += out[j];
    }
  }
  Row convolve(const trainer::LayerOffsets &at, const std::vector<Row> &history) const {
    Row out = slice(at.conv_bias, size_t(shape_.convolved()));
    for (size_t j = 0; j < out.size(); j++) {
      for (size_t back = 0; back < 4 && back < history.size(); back++)
        out[j] += values_[at.taps + j * 4 + 3 - back] * history[history.size() - 1 - back][j];
      out[j] *= sigmoid(out[j]);
    }
    return out;
  }

  const trainer::ParameterTable &table_;
  const trainer::Shape shape_;
  const std::vector<double> &values_;
};
