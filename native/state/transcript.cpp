#include "transcript.h"

#include <bit>
#include <cstdio>

#include "invalid.h"
#include "json_reader.h"
#include "merkle.h"

namespace ledger {
namespace {

constexpr int64_t largest_step = int64_t(1) << 53;

std::string bits_text(uint32_t bits) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", bits);
  return text;
}

uint32_t read_bits(const JsonReader &reader) {
  const std::string &text = reader.string();
  if (text.size() != 8) reader.refuse("8 lower-case hexadecimal digits");
  uint32_t bits = 0;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) reader.refuse("8 lower-case hexadecimal digits");
    bits = bits << 4 | uint32_t(digit);
  }
  return bits;
}

TranscriptLine read_line(std::string_view text, const std::string &whole, uint64_t step) {
  const std::string what = whole + " line " + std::to_string(step + 1);
  const Json json = Json::parse(text, what);
  const JsonReader reader(json, what);
  reader.refuse_others({"step", "loss", "gradNorm", "batch", "h", "root", "tensors"});
  TranscriptLine line;
  line.step = uint64_t(reader.field("step").integer(0, largest_step));
  if (line.step != step) reader.field("step").refuse(std::to_string(step));
  line.loss_bits = read_bits(reader.field("loss"));
  line.norm_bits = read_bits(reader.field("gradNorm"));
  line.batch = reader.field("batch").sha256();
  line.h = reader.field("h").sha256();
  if (json.find("root") == nullptr && json.find("tensors") == nullptr) return line;
  line.root = reader.field("root").sha256();
  for (const auto &item : reader.field("tensors").items()) {
    item.refuse_others({"name", "sha256"});
    line.tensors.push_back({item.field("name").string(), item.field("sha256").sha256()});
  }
  if (state_root(line.tensors) != *line.root) reader.field("root").refuse("the root of the line's tensors");
  return line;
}

}  // namespace

Digest chain(const Digest &before, uint64_t step, uint32_t loss_bits, uint32_t norm_bits, const Digest &batch) {
  uint8_t words[16];
  for (int i = 0; i < 8; i++) words[i] = uint8_t(step >> (8 * i));
  for (int i = 0; i < 4; i++) words[8 + i] = uint8_t(loss_bits >> (8 * i));
  for (int i = 0; i < 4; i++) words[12 + i] = uint8_t(norm_bits >> (8 * i));
  Sha256 hash;
  hash.update(before.data(), before.size()).update(words, sizeof words).update(batch.data(), batch.size());
  return hash.digest();
}

Digest state_root(const std::vector<TensorDigest> &tensors) {
  std::vector<Digest> leaves;
  for (const auto &tensor : tensors) leaves.push_back(merkle_leaf(tensor.digest.data(), tensor.digest.size()));
  return merkle_root(leaves);
}

TranscriptLine TranscriptWriter::add(uint64_t step, float loss, float gradient_norm, const Digest &batch,
                                     const std::optional<std::vector<TensorDigest>> &state) {
  TranscriptLine line;
  line.step = step;
  line.loss_bits = std::bit_cast<uint32_t>(loss);
  line.norm_bits = std::bit_cast<uint32_t>(gradient_norm);
  line.batch = batch;
  line.h = h_ = chain(h_, step, line.loss_bits, line.norm_bits, batch);
  Json json = Json::object();
  json.set("step", step).set("loss", bits_text(line.loss_bits)).set("gradNorm", bits_text(line.norm_bits));
  json.set("batch", hex(batch)).set("h", hex(h_));
  if (state) {
    line.tensors = *state;
    line.root = state_root(*state);
    Json tensors = Json::array();
    for (const auto &tensor : *state) {
      tensors.push(Json::object().set("name", tensor.name).set("sha256", hex(tensor.digest)));
    }
    json.set("root", hex(*line.root)).set("tensors", tensors);
  }
  text_ += json.canonical() + "\n";
  return line;
}

std::vector<TranscriptLine> read_transcript(std::string_view text, const std::string &what) {
  std::vector<TranscriptLine> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) throw Invalid(what + ": the last line does not end with a line feed: it is cut off");
    lines.push_back(read_line(text.substr(0, end), what, lines.size()));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::optional<uint64_t> first_broken_link(const std::vector<TranscriptLine> &lines, const Digest &initial) {
  Digest before = initial;
  for (const auto &line : lines) {
    if (chain(before, line.step, line.loss_bits, line.norm_bits, line.batch) != line.h) return line.step;
    before = line.h;
  }
  return std::nullopt;
}

}  // namespace ledger
