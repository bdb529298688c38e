#include <charconv>
#include <unordered_set>

#include "invalid.h"
#include "json.h"

namespace ledger {
namespace {

constexpr int deepest = 64;

void append_utf8(std::string &out, uint32_t code) {
  if (code < 0x80) {
    out += char(code);
  } else if (code < 0x800) {
    out += char(0xC0 | code >> 6);
    out += char(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += char(0xE0 | code >> 12);
    out += char(0x80 | (code >> 6 & 63));
    out += char(0x80 | (code & 63));
  } else {
    out += char(0xF0 | code >> 18);
    out += char(0x80 | (code >> 12 & 63));
    out += char(0x80 | (code >> 6 & 63));
    out += char(0x80 | (code & 63));
  }
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view what) : text_(text), what_(what) {}

  Json document() {
    skip_space();
    Json json = value(0);
    skip_space();
    if (at_ < text_.size()) fail("unexpected text after the value");
    return json;
  }

 private:
  [[noreturn]] void fail(const std::string &why) const {
    throw Invalid(std::string(what_) + ": " + why + " at byte " + std::to_string(at_));
  }

  int peek() const { return at_ < text_.size() ? uint8_t(text_[at_]) : -1; }

  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') at_++;
  }

  bool take(char c) {
    if (peek() != c) return false;
    at_++;
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail(std::string("expected '") + c + "'");
  }

  void expect_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) fail("expected a value");
    at_ += word.size();
  }

  Json value(int depth) {
    if (depth > deepest) fail("nested deeper than " + std::to_string(deepest));
    switch (peek()) {
      case '{': return object(depth);
      case '[': return array(depth);
      case '"': return Json(string());
      case 't': expect_word("true"); return Json(true);
      case 'f': expect_word("false"); return Json(false);
      case 'n': expect_word("null"); return Json();
      default: return Json(number());
    }
  }

  Json object(int depth) {
    expect('{');
    std::unordered_set<std::string> seen;
    Json::Members members;
    skip_space();
    if (take('}')) return Json::object();
    do {
      skip_space();
      std::string name = string();
      if (!seen.insert(name).second) fail("the key \"" + name + "\" appears twice");
      skip_space();
      expect(':');
      skip_space();
      members.emplace_back(std::move(name), value(depth + 1));
      skip_space();
    } while (take(','));
    expect('}');
    return Json::object_of(std::move(members));
  }

  Json array(int depth) {
    expect('[');
    Json json = Json::array();
    skip_space();
    if (take(']')) return json;
    do {
      skip_space();
      json.push(value(depth + 1));
      skip_space();
    } while (take(','));
    expect(']');
    return json;
  }

  double number() {
    const size_t start = at_;
    const auto digits = [this] {
      const size_t first = at_;
      while (peek() >= '0' && peek() <= '9') at_++;
      return at_ - first;
    };
    take('-');
    const bool leading_zero = peek() == '0';
    const size_t whole = digits();
    if (whole == 0) fail("expected a value");
    if (leading_zero && whole > 1) fail("a number must not begin with 0");
    if (take('.') && digits() == 0) fail("expected digits after the decimal point");
    if (peek() == 'e' || peek() == 'E') {
      at_++;
      if (!take('+')) take('-');
      if (digits() == 0) fail("expected digits in the exponent");
    }
    double result = 0;
    const auto [end, error] = std::from_chars(text_.data() + start, text_.data() + at_, result);
    if (error != std::errc() || end != text_.data() + at_) fail("the number is outside binary64");
    return result;
  }

  uint32_t four_hex_digits() {
    uint32_t code = 0;
    for (int i = 0; i < 4; i++, at_++) {
      const int c = peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) fail("expected four hexadecimal digits after \\u");
      code = code << 4 | uint32_t(digit);
    }
    return code;
  }

  void escape(std::string &out) {
    const int c = peek();
    at_++;
    switch (c) {
      case '"': case '\\': case '/': out += char(c); return;
      case 'b': out += '\b'; return;
      case 'f': out += '\f'; return;
      case 'n': out += '\n'; return;
      case 'r': out += '\r'; return;
      case 't': out += '\t'; return;
      case 'u': break;
      default: at_--; fail("unknown escape in a string");
    }
    uint32_t code = four_hex_digits();
    if (code >= 0xDC00 && code < 0xE000) fail("lone surrogate in a string");
    if (code >= 0xD800 && code < 0xDC00) {
      if (!take('\\') || !take('u')) fail("lone surrogate in a string");
      const uint32_t low = four_hex_digits();
      if (low < 0xDC00 || low >= 0xE000) fail("lone surrogate in a string");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code);
  }

  // Copies one well-formed UTF-8 sequence: no overlong forms, no surrogates, nothing above U+10FFFF.
  void utf8(std::string &out) {
    const int first = peek();
    const int length = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : (first & 0xF0) == 0xE0 ? 3
                       : first >= 0xF0 && first < 0xF5 ? 4 : 0;
    if (length == 0 || text_.size() - at_ < size_t(length)) fail("the text is not UTF-8");
    uint32_t code = length == 1 ? uint32_t(first) : uint32_t(first) & (0x7Fu >> length);
    for (int i = 1; i < length; i++) {
      const uint8_t next = uint8_t(text_[at_ + i]);
      if ((next & 0xC0) != 0x80) fail("the text is not UTF-8");
      code = code << 6 | (next & 63u);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) fail("the text is not UTF-8");
    out.append(text_, at_, size_t(length));
    at_ += size_t(length);
  }

  std::string string() {
    expect('"');
    std::string out;
    while (!take('"')) {
      if (peek() < 0) fail("the string does not end");
      if (peek() < 0x20) fail("unescaped control character in a string");
      if (take('\\')) escape(out);
      else utf8(out);
    }
    return out;
  }

  std::string_view text_;
  std::string_view what_;
  size_t at_ = 0;
};

}  // namespace

Json Json::parse(std::string_view text, std::string_view what) { return Parser(text, what).document(); }

}  // namespace ledger
