// Typed reading of a JSON value: every error names the path, the value found and what is allowed.
#pragma once
#include <initializer_list>
#include <optional>

#include "json.h"
#include "sha256.h"

namespace ledger {

class JsonReader {
 public:
  // Borrows `json`, which must outlive the reader. `path` is how errors call the value, "plan" for example.
  JsonReader(const Json &json, std::string path) : json_(&json), path_(std::move(path)) {}

  const std::string &path() const { return path_; }
  const Json &json() const { return *json_; }
  bool is_null() const { return json_->kind() == Json::Kind::null; }

  // Refuses members other than these.
  void refuse_others(std::initializer_list<std::string_view> names) const;
  // A member that must be there.
  JsonReader field(std::string_view name) const;
  // A member that may be absent or null; both give nothing.
  std::optional<JsonReader> optional(std::string_view name) const;
  std::vector<JsonReader> items() const;

  bool boolean() const;
  const std::string &string() const;
  // One of the given words.
  const std::string &choice(std::initializer_list<std::string_view> words) const;
  Digest sha256() const;
  // An unsigned 64-bit integer written as a decimal string.
  uint64_t uint64_text() const;
  int64_t integer(int64_t least, int64_t most) const;
  // A finite number inside [least, most].
  double number(double least, double most) const;
  // The same, exactly representable in binary32.
  float binary32(float least, float most) const;

  // Throws Invalid: "<path> must be <allowed>, not <value>".
  [[noreturn]] void refuse(const std::string &allowed) const;

 private:
  const Json *json_;
  std::string path_;
};

}  // namespace ledger
