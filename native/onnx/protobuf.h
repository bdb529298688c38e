// The protobuf wire format, as far as ONNX needs it: varints and length-delimited fields.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace ledger {

class ProtobufMessage {
 public:
  ProtobufMessage &integer(int field, int64_t value) {
    varint(uint64_t(field) << 3);
    varint(uint64_t(value));
    return *this;
  }
  ProtobufMessage &bytes(int field, std::string_view value) {
    varint(uint64_t(field) << 3 | 2);
    varint(value.size());
    encoded_.append(value);
    return *this;
  }
  ProtobufMessage &message(int field, const ProtobufMessage &value) { return bytes(field, value.encoded_); }
  const std::string &encoded() const { return encoded_; }

 private:
  void varint(uint64_t value) {
    for (; value >= 128; value >>= 7) encoded_ += char(value | 128);
    encoded_ += char(value);
  }

  std::string encoded_;
};

}  // namespace ledger
