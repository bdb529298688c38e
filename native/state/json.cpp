#include "json.h"

#include "invalid.h"

namespace ledger {
namespace {

constexpr int64_t largest_exact = int64_t(1) << 53;

}  // namespace

Json::Json(int64_t value) : kind_(Kind::number), number_(double(value)) {
  if (value > largest_exact || value < -largest_exact) {
    throw Invalid("integer " + std::to_string(value) + " does not fit a JSON number exactly");
  }
}

Json::Json(uint64_t value) : kind_(Kind::number), number_(double(value)) {
  if (value > uint64_t(largest_exact)) {
    throw Invalid("integer " + std::to_string(value) + " does not fit a JSON number exactly");
  }
}

Json Json::array() {
  Json json;
  json.kind_ = Kind::array;
  return json;
}

Json Json::object() {
  Json json;
  json.kind_ = Kind::object;
  return json;
}

Json Json::object_of(Members members) {
  Json json = object();
  json.members_ = std::move(members);
  return json;
}

const Json *Json::find(std::string_view name) const {
  for (const auto &[key, value] : members_) {
    if (key == name) return &value;
  }
  return nullptr;
}

Json &Json::push(Json value) {
  items_.push_back(std::move(value));
  return *this;
}

Json &Json::set(std::string name, Json value) {
  for (auto &[key, existing] : members_) {
    if (key == name) {
      existing = std::move(value);
      return *this;
    }
  }
  members_.emplace_back(std::move(name), std::move(value));
  return *this;
}

}  // namespace ledger
