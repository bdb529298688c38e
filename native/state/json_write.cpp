#include <algorithm>
#include <charconv>
#include <cmath>

#include "invalid.h"
#include "json.h"

namespace ledger {
namespace {

void write_string(std::string &out, const std::string &value) {
  static const char digits[] = "0123456789abcdef";
  out += '"';
  for (const char c : value) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (uint8_t(c) < 0x20) {
          out += "\\u00";
          out += digits[uint8_t(c) >> 4];
          out += digits[uint8_t(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// RFC 8785 sorts keys by UTF-16 code units. That is UTF-8 order, except that characters beyond U+FFFF (first byte
// F0 and up) come before U+E000 ... U+FFFF (first byte EE or EF).
bool comes_before(const std::string &a, const std::string &b) {
  const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (left == a.end() || right == b.end()) return left == a.end() && right != b.end();
  const uint8_t x = uint8_t(*left), y = uint8_t(*right);
  if (x >= 0xF0 && (y == 0xEE || y == 0xEF)) return true;
  if (y >= 0xF0 && (x == 0xEE || x == 0xEF)) return false;
  return x < y;
}

void write(std::string &out, const Json &json);

void write_object(std::string &out, const Json &json) {
  std::vector<const std::pair<std::string, Json> *> sorted;
  for (const auto &member : json.members()) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(), [](auto *a, auto *b) { return comes_before(a->first, b->first); });
  out += '{';
  for (size_t i = 0; i < sorted.size(); i++) {
    if (i > 0) out += ',';
    write_string(out, sorted[i]->first);
    out += ':';
    write(out, sorted[i]->second);
  }
  out += '}';
}

void write_array(std::string &out, const Json &json) {
  out += '[';
  for (size_t i = 0; i < json.items().size(); i++) {
    if (i > 0) out += ',';
    write(out, json.items()[i]);
  }
  out += ']';
}

void write(std::string &out, const Json &json) {
  switch (json.kind()) {
    case Json::Kind::null: out += "null"; return;
    case Json::Kind::boolean: out += json.boolean() ? "true" : "false"; return;
    case Json::Kind::number: out += ecmascript_number(json.number()); return;
    case Json::Kind::string: write_string(out, json.string()); return;
    case Json::Kind::array: write_array(out, json); return;
    case Json::Kind::object: write_object(out, json); return;
  }
}

}  // namespace

std::string ecmascript_number(double value) {
  if (!std::isfinite(value)) throw Invalid("JSON has no number for NaN or infinity");
  if (value == 0) return "0";
  // Shortest digits that read back as the same number: "d.ddde[+-]dd".
  char buffer[32];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value), std::chars_format::scientific);
  const std::string_view text(buffer, size_t(written.ptr - buffer));
  const size_t mark = text.find('e');
  std::string digits(text.substr(0, mark));
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  int exponent = 0;
  const size_t sign = text[mark + 1] == '+' ? 1 : 0;
  std::from_chars(text.data() + mark + 1 + sign, written.ptr, exponent);

  const int count = int(digits.size());
  const int point = exponent + 1;  // `n` of the specification: value = 0.digits * 10^point
  std::string out = value < 0 ? "-" : "";
  if (count <= point && point <= 21) return out + digits + std::string(size_t(point - count), '0');
  if (0 < point && point <= 21) return out + digits.substr(0, size_t(point)) + "." + digits.substr(size_t(point));
  if (-6 < point && point <= 0) return out + "0." + std::string(size_t(-point), '0') + digits;
  out += digits[0];
  if (count > 1) out.append(1, '.').append(digits, 1);
  out += exponent < 0 ? "e-" : "e+";
  out += std::to_string(std::abs(exponent));
  return out;
}

std::string Json::canonical() const {
  std::string out;
  write(out, *this);
  return out;
}

}  // namespace ledger
