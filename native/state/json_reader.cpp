#include "json_reader.h"

#include <charconv>
#include <cmath>

#include "invalid.h"

namespace ledger {

void JsonReader::refuse(const std::string &allowed) const {
  std::string value = json_->canonical();
  if (value.size() > 80) value = value.substr(0, 77) + "...";
  throw Invalid(path_ + " must be " + allowed + ", not " + value);
}

void JsonReader::refuse_others(std::initializer_list<std::string_view> names) const {
  if (json_->kind() != Json::Kind::object) refuse("an object");
  for (const auto &[key, value] : json_->members()) {
    bool known = false;
    for (const auto name : names) known = known || name == key;
    if (known) continue;
    std::string allowed;
    for (const auto name : names) allowed += (allowed.empty() ? "" : ", ") + std::string(name);
    throw Invalid(path_ + "." + key + " is not a known field; allowed are " + allowed);
  }
}

JsonReader JsonReader::field(std::string_view name) const {
  if (json_->kind() != Json::Kind::object) refuse("an object");
  const Json *member = json_->find(name);
  const std::string path = path_ + "." + std::string(name);
  if (member == nullptr) throw Invalid(path + " is missing");
  return JsonReader(*member, path);
}

std::optional<JsonReader> JsonReader::optional(std::string_view name) const {
  if (json_->kind() != Json::Kind::object) refuse("an object");
  const Json *member = json_->find(name);
  if (member == nullptr || member->kind() == Json::Kind::null) return std::nullopt;
  return JsonReader(*member, path_ + "." + std::string(name));
}

std::vector<JsonReader> JsonReader::items() const {
  if (json_->kind() != Json::Kind::array) refuse("an array");
  std::vector<JsonReader> readers;
  for (size_t i = 0; i < json_->items().size(); i++) {
    readers.emplace_back(json_->items()[i], path_ + "[" + std::to_string(i) + "]");
  }
  return readers;
}

bool JsonReader::boolean() const {
  if (json_->kind() != Json::Kind::boolean) refuse("true or false");
  return json_->boolean();
}

const std::string &JsonReader::string() const {
  if (json_->kind() != Json::Kind::string) refuse("a string");
  return json_->string();
}

const std::string &JsonReader::choice(std::initializer_list<std::string_view> words) const {
  std::string allowed;
  for (const auto word : words) {
    if (json_->kind() == Json::Kind::string && json_->string() == word) return json_->string();
    allowed += (allowed.empty() ? "\"" : ", \"") + std::string(word) + "\"";
  }
  refuse("one of " + allowed);
}

Digest JsonReader::sha256() const { return digest_from_hex(string(), path_); }

uint64_t JsonReader::uint64_text() const {
  const std::string &text = string();
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || std::to_string(value) != text) {
    refuse("an unsigned 64-bit integer as a decimal string");
  }
  return value;
}

int64_t JsonReader::integer(int64_t least, int64_t most) const {
  const std::string allowed = "an integer from " + std::to_string(least) + " to " + std::to_string(most);
  if (json_->kind() != Json::Kind::number) refuse(allowed);
  const double value = json_->number();
  if (std::fabs(value) > 0x1p53 || value != std::trunc(value)) refuse(allowed);
  if (int64_t(value) < least || int64_t(value) > most) refuse(allowed);
  return int64_t(value);
}

double JsonReader::number(double least, double most) const {
  const std::string allowed = "a number from " + ecmascript_number(least) + " to " + ecmascript_number(most);
  if (json_->kind() != Json::Kind::number) refuse(allowed);
  if (!(json_->number() >= least && json_->number() <= most)) refuse(allowed);
  return json_->number();
}

float JsonReader::binary32(float least, float most) const {
  const double value = number(least, most);
  const float rounded = float(value);
  if (double(rounded) != value) refuse("exactly a binary32 number (nearest: " + ecmascript_number(rounded) + ")");
  return rounded;
}

}  // namespace ledger
