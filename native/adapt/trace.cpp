#include "trace.h"
#include "forward.h"
#include "model/failure.h"
#include "state/json_reader.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace trainer {

using ledger::TraceHeader;

namespace {

constexpr int vocabulary = Shape::vocabulary;

bool all_finite(const float *values, size_t count) {
  return std::all_of(values, values + count, [](float value) { return std::isfinite(value); });
}

// Writes one record from its beginning to its end.
class RecordWriter {
public:
  explicit RecordWriter(uint8_t *to) : to_(to) {}
  void put(const void *from, size_t size) {
    std::memcpy(to_, from, size);
    to_ += size;
  }

private:
  uint8_t *to_;
};

// The most likely bytes of one position, the first of equals first, and their logits.
void choose(const float *logits, int kept, uint8_t *bytes, float *chosen) {
  uint8_t order[vocabulary];
  std::iota(order, order + vocabulary, uint8_t(0));
  std::partial_sort(order, order + kept, order + vocabulary, [&](uint8_t a, uint8_t b) {
    return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
  });
  for (int j = 0; j < kept; j++) bytes[j] = order[j], chosen[j] = logits[order[j]];
}

void put_logits(const TraceHeader &header, const float *logits, RecordWriter &record) {
  if (header.kept == vocabulary) return record.put(logits, header.length * vocabulary * sizeof(float));
  std::vector<uint8_t> bytes(header.length * size_t(header.kept));
  std::vector<float> chosen(bytes.size());
  for (size_t t = 0; t < header.length; t++)
    choose(logits + t * vocabulary, header.kept, bytes.data() + t * size_t(header.kept),
           chosen.data() + t * size_t(header.kept));
  record.put(bytes.data(), bytes.size());
  record.put(chosen.data(), chosen.size() * sizeof(float));
}

} // namespace

TraceHeader read_trace_request(const std::string &json, const Shape &shape) {
  const ledger::Json parsed = ledger::Json::parse(json, "trace");
  const ledger::JsonReader reader(parsed, "trace");
  reader.refuse_others({"logits", "hidden"});
  TraceHeader header;
  header.kept = int(reader.field("logits").integer(0, vocabulary));
  for (const ledger::JsonReader &item : reader.field("hidden").items()) {
    const int layer = int(item.integer(0, shape.layers - 1));
    if (!header.layers.empty() && layer <= header.layers.back()) item.refuse("greater than the layer before it");
    header.layers.push_back(layer);
  }
  if (header.kept == 0 && header.layers.empty()) reader.refuse("an object that asks for logits or for hidden states");
  return header;
}

std::vector<uint8_t> trace(const Machine &machine, const Model &model, const ledger::Sequences &sequences,
                           TraceHeader header) {
  header.count = sequences.count(), header.length = sequences.length();
  header.width = header.layers.empty() ? 0 : model.table.shape().width;
  std::vector<uint8_t> out = write_trace_header(header);
  out.resize(header.size() + header.count * header.record());
  if (header.count == 0) return out;
  const size_t hidden_size = header.length * size_t(header.width);
  score_states(machine, model, sequences, header.layers,
               [&](size_t i, const float *logits, const std::vector<const float *> &hidden) {
                 bool finite = all_finite(logits, header.length * vocabulary);
                 RecordWriter record(out.data() + header.size() + i * header.record());
                 record.put(sequences.tokens(i), header.length);
                 if (header.kept > 0 && finite) put_logits(header, logits, record);
                 for (const float *states : hidden) {
                   finite = finite && all_finite(states, hidden_size);
                   record.put(states, hidden_size * sizeof(float));
                 }
                 if (!finite)
                   throw Failure(TRAINER_NON_FINITE,
                                 "sequence " + std::to_string(i) + ": a logit or hidden state is not finite");
               });
  return out;
}

} // namespace trainer
