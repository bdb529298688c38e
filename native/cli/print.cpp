#include <cstdio>

#include "../state/json.h"
#include "commands.h"

namespace {

using ledger::Json;

bool is_plain(const Json &json) { return json.kind() != Json::Kind::object && json.kind() != Json::Kind::array; }

std::string plain_text(const Json &json) {
  return json.kind() == Json::Kind::string ? json.string() : json.canonical();
}

bool fits_a_line(const Json &json) {
  for (const auto &item : json.items()) {
    if (!is_plain(item)) return false;
  }
  for (const auto &[name, value] : json.members()) {
    if (!is_plain(value) && !(fits_a_line(value) && value.members().empty())) return false;
  }
  return true;
}

std::string one_line(const Json &json) {
  if (is_plain(json)) return plain_text(json);
  std::string text;
  for (const auto &item : json.items()) text += (text.empty() ? "" : ", ") + one_line(item);
  for (const auto &[name, value] : json.members()) text += (text.empty() ? "" : "  ") + name + " " + one_line(value);
  return json.kind() == Json::Kind::array ? "[" + text + "]" : text;
}

void print(const std::string &name, const Json &json, int indent) {
  if (is_plain(json) || (json.kind() == Json::Kind::array && fits_a_line(json))) {
    std::printf("%*s%s: %s\n", indent, "", name.c_str(), one_line(json).c_str());
    return;
  }
  std::printf("%*s%s:\n", indent, "", name.c_str());
  for (const auto &[key, value] : json.members()) print(key, value, indent + 2);
  for (const auto &item : json.items()) std::printf("%*s%s\n", indent + 2, "", one_line(item).c_str());
}

}  // namespace

void print_document(const uint8_t *data, size_t size, bool as_json) {
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  if (as_json) {
    std::printf("%.*s\n", int(text.size()), text.data());
    return;
  }
  const Json json = Json::parse(text, "document");
  for (const auto &[name, value] : json.members()) print(name, value, 0);
}
