// JSON: a strict reader (RFC 8259, no duplicate keys, bounded depth) and a canonical writer (RFC 8785).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ledger {

class Json {
 public:
  enum class Kind { null, boolean, number, string, array, object };
  using Members = std::vector<std::pair<std::string, Json>>;

  Json() = default;
  Json(bool value) : kind_(Kind::boolean), boolean_(value) {}
  Json(double value) : kind_(Kind::number), number_(value) {}
  Json(int value) : Json(double(value)) {}
  Json(unsigned value) : Json(double(value)) {}
  // Throws Invalid beyond +-2^53, where a JSON number would no longer be exact.
  Json(int64_t value);
  Json(uint64_t value);
  Json(std::string value) : kind_(Kind::string), string_(std::move(value)) {}
  Json(const char *value) : Json(std::string(value)) {}
  static Json array();
  static Json object();
  // An object of these members, whose names the caller knows to be distinct.
  static Json object_of(Members members);

  // Throws Invalid beginning with `what` and naming the byte offset.
  static Json parse(std::string_view text, std::string_view what = "JSON");

  Kind kind() const { return kind_; }
  bool boolean() const { return boolean_; }
  double number() const { return number_; }
  const std::string &string() const { return string_; }
  const std::vector<Json> &items() const { return items_; }
  const Members &members() const { return members_; }
  // The member called `name`, or nullptr.
  const Json *find(std::string_view name) const;

  Json &push(Json value);
  // Adds or replaces a member.
  Json &set(std::string name, Json value);

  // RFC 8785 bytes: sorted keys, no white space, ECMAScript numbers. Throws Invalid on NaN and infinity.
  std::string canonical() const;

 private:
  Kind kind_ = Kind::null;
  bool boolean_ = false;
  double number_ = 0;
  std::string string_;
  std::vector<Json> items_;
  Members members_;
};

// A finite number as ECMA-262 Number::toString writes it.
std::string ecmascript_number(double value);

}  // namespace ledger
