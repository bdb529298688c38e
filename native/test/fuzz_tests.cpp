// Readers of bytes from outside, under the address and undefined-behaviour sanitizers, on damaged copies of good input.
// Every input is read, or refused as Invalid; anything else ends the program. FUZZ_ROUNDS and FUZZ_SEED come from outside.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>

#include "expect.h"
#include "../adapt/plan.h"
#include "../model/parameters.h"
#include "../state/json.h"
#include "../state/sequences.h"
#include "../state/traces.h"
#include "../state/transcript.h"

namespace {

using Bytes = std::vector<uint8_t>;
using Random = std::mt19937_64;

size_t below(Random &random, size_t bound) { return size_t(random() % bound); }

uint64_t setting(const char *name, uint64_t otherwise) {
  const char *text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What breaks readers: ends of ranges, and signs of the formats' own grammars.
const char *const fragments[] = {"0", "-1", "1e400", "9223372036854775808", "18446744073709551615", "null", "{}", "[]",
                                 "\"", "\\u0000", "\\ud800", "{", "}", "[", "]", ",", ":", "F32", "F64", "NaN",
                                 "\xff\xff\xff\xff\xff\xff\xff\xff", "\xff\xff\xff\x7f", "\x01"};

void damage(Bytes &bytes, Random &random) {
  const size_t at = below(random, bytes.size() + 1);
  const auto place = bytes.begin() + ptrdiff_t(at);
  switch (below(random, 7)) {
    case 0: bytes.resize(at); break;
    case 1: if (at < bytes.size()) bytes[at] ^= uint8_t(1u << below(random, 8)); break;
    case 2: if (at < bytes.size()) bytes[at] = uint8_t(random()); break;
    case 3: bytes.erase(place, place + ptrdiff_t(std::min<size_t>(below(random, 9), bytes.size() - at))); break;
    case 4: {
      const size_t length = std::min<size_t>(below(random, 65), bytes.size() - at);
      const Bytes piece(place, place + ptrdiff_t(length));
      const size_t to = below(random, bytes.size() + 1);
      bytes.insert(bytes.begin() + ptrdiff_t(to), piece.begin(), piece.end());
      break;
    }
    default: {
      const char *fragment = fragments[below(random, std::size(fragments))];
      const size_t length = std::strlen(fragment);
      if (random() & 1) bytes.insert(place, fragment, fragment + length);
      else std::copy_n(fragment, std::min(length, bytes.size() - at), place);
    }
  }
}

struct Reader {
  const char *name;
  Bytes good;
  void (*read)(const Bytes &);
  size_t head; // damage falls into the first bytes more often: the values behind them are only copied
};

void read_model(const Bytes &bytes) { (void)trainer::read_checkpoint(bytes.data(), bytes.size(), "checkpoint"); }
void read_plan(const Bytes &bytes) { (void)trainer::read_plan(std::string(bytes.begin(), bytes.end())); }

void read_sequences(const Bytes &bytes) {
  const ledger::Sequences sequences(bytes.data(), bytes.size(), "batches");
  if (sequences.count() > 0) (void)sequences.scored(0, sequences.count());
}

void read_traces(const Bytes &bytes) {
  const ledger::Traces traces(bytes.data(), bytes.size(), "traces");
  std::vector<float> logits(traces.header().length * size_t(traces.header().kept));
  for (size_t sequence = 0; sequence < traces.header().count; sequence++) traces.copy_logits(sequence, logits.data());
}

void read_transcript(const Bytes &bytes) { (void)ledger::read_transcript(std::string(bytes.begin(), bytes.end())); }

// What is read is written so that it reads as the same.
void read_json(const Bytes &bytes) {
  const std::string canonical = ledger::Json::parse(std::string(bytes.begin(), bytes.end()), "json").canonical();
  if (ledger::Json::parse(canonical, "canonical").canonical() != canonical) throw std::logic_error("another text");
}

Bytes of(const std::string &text) { return Bytes(text.begin(), text.end()); }

Bytes small_checkpoint() {
  trainer::Shape shape;
  shape.width = shape.layers = shape.state = 1;
  shape.head = 2;
  const trainer::Model model(shape);
  return trainer::write_checkpoint(model.table, model.values);
}

Bytes small_transcript() {
  ledger::TranscriptWriter writer(ledger::Digest{});
  writer.add(0, 5.5f, 1.0f, ledger::Digest{});
  writer.add(1, 5.25f, 0.5f, ledger::Digest{}, std::vector<ledger::TensorDigest>{{"a", {}}, {"b", {}}});
  return of(writer.text());
}

Bytes small_traces() {
  ledger::TraceHeader header;
  header.count = 2;
  header.length = 64;
  header.kept = 2;
  header.width = 4;
  header.layers = {0};
  Bytes bytes = ledger::write_trace_header(header);
  for (uint8_t sequence = 0; sequence < 2; sequence++) {
    bytes.resize(bytes.size() + 64, sequence);
    for (int position = 0; position < 64; position++) bytes.insert(bytes.end(), {uint8_t('a'), uint8_t('b')});
    bytes.resize(bytes.size() + 4 * 64 * 2 + 4 * 64 * 4, 0);
  }
  return bytes;
}

Bytes small_sequences() {
  Bytes bytes = of("PLSQ0001");
  for (const uint8_t byte : {2, 0, 0, 0, 64, 0, 0, 0}) bytes.push_back(byte);
  bytes.resize(bytes.size() + 2 * 3 * 64, 1);
  return bytes;
}

const char *const plan = R"({"contract": "nc-1", "model": {"dModel": 32, "layers": 2, "dState": 16, "headDim": 16, "expand": 2,
  "convWidth": 4, "chunk": 64, "vocab": 256}, "initial": {"seed": "7"}, "anchor": null, "general": null, "sentinel": null,
  "batches": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "steps": 4, "batch": 2,
  "generalBatch": 0, "learningRate": 0.001953125, "warmupSteps": 1, "decay": "linear", "klBeta": 0, "l2spLambda": 0,
  "optimiser": {"beta1": 0.875, "beta2": 0.96875, "epsilon": 0.00000011920928955078125, "weightDecay": 0, "clipNorm": 1},
  "trustRegion": null, "stateEverySteps": 2})";

void fuzz(const Reader &reader, uint64_t seed, uint64_t rounds) {
  reader.read(reader.good);
  uint64_t read = 0;
  std::string wrong;
  for (uint64_t round = 0; round < rounds && wrong.empty(); round++) {
    Random random(seed + round);
    Bytes bytes = reader.good;
    const size_t times = 1 + below(random, 4);
    for (size_t time = 0; time < times; time++) {
      if (bytes.size() > reader.head && below(random, 8) != 0) {
        Bytes head(bytes.begin(), bytes.begin() + ptrdiff_t(reader.head));
        damage(head, random);
        head.insert(head.end(), bytes.begin() + ptrdiff_t(reader.head), bytes.end());
        bytes = std::move(head);
      } else {
        damage(bytes, random);
      }
    }
    try {
      reader.read(bytes);
      read++;
    } catch (const ledger::Invalid &) {
    } catch (const std::exception &error) {
      wrong = "seed " + std::to_string(seed + round) + ": " + error.what();
    }
  }
  expect::equal(wrong, "", std::string(reader.name) + ", damaged, is refused as Invalid");
  expect::yes(read < rounds, std::string(reader.name) + ": something was refused");
  std::printf("%s: %llu damaged, %llu of them readable\n", reader.name, (unsigned long long)rounds, (unsigned long long)read);
}

} // namespace

int main() {
  const uint64_t seed = setting("FUZZ_SEED", 1), rounds = setting("FUZZ_ROUNDS", 20'000);
  const Reader readers[] = {{"checkpoint", small_checkpoint(), read_model, 1200},
                            {"plan", of(plan), read_plan, std::strlen(plan)},
                            {"transcript", small_transcript(), read_transcript, 700},
                            {"traces", small_traces(), read_traces, 300},
                            {"sequences", small_sequences(), read_sequences, 24},
                            {"JSON", of(R"({"a": [1, -2.5e-7, "\u00e4\ud83d\ude00"], "b": {"": true}})"), read_json, 80}};
  for (const Reader &reader : readers) fuzz(reader, seed, rounds);
  return expect::finish();
}
