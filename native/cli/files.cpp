#include "files.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>

#include "../state/sha256.h"

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path &path, const std::string &what) {
  throw FileError(path.string() + ": " + what);
}

bool is_hexadecimal(const std::string &name, size_t digits) {
  return name.size() == digits && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_digest_name(const std::string &name) { return is_hexadecimal(name, 64); }

// Regular files, and those one level down where a store of artifacts has them.
std::vector<fs::path> files_in(const fs::path &folder) {
  std::vector<fs::path> files;
  for (const auto &entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
    if (!entry.is_directory() || !is_hexadecimal(entry.path().filename().string(), 2)) continue;
    for (const auto &inner : fs::directory_iterator(entry.path())) {
      if (inner.is_regular_file()) files.push_back(inner.path());
    }
  }
  return files;
}

}  // namespace

std::vector<uint8_t> read_bytes(const fs::path &path) {
  if (fs::is_directory(path)) fail(path, "is a folder, not a file");
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) fail(path, std::strerror(errno));
  std::vector<uint8_t> bytes(size_t(file.tellg()));
  file.seekg(0);
  file.read(reinterpret_cast<char *>(bytes.data()), std::streamsize(bytes.size()));
  if (!file) fail(path, "cannot be read to its end");
  return bytes;
}

std::string read_text(const fs::path &path) {
  const auto bytes = read_bytes(path);
  return std::string(bytes.begin(), bytes.end());
}

void write_bytes(const fs::path &path, const void *data, size_t size) {
  fs::path part = path;
  part += ".part";
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  if (!file) fail(part, std::strerror(errno));
  file.write(static_cast<const char *>(data), std::streamsize(size));
  file.close();
  if (!file) fail(part, "cannot be written to its end");
  std::error_code error;
  fs::rename(part, path, error);
  if (error) fail(path, error.message());
}

std::vector<std::vector<uint8_t>> inputs_of_plan(const fs::path &folder, const std::string &plan) {
  if (!fs::is_directory(folder)) fail(folder, "is not a folder");
  std::vector<std::vector<uint8_t>> inputs;
  std::set<std::string> taken;
  for (const fs::path &path : files_in(folder)) {
    const std::string name = path.filename().string();
    const bool unnamed = is_digest_name(name) && plan.find(name) == std::string::npos;
    if (unnamed) continue;
    auto bytes = read_bytes(path);
    const std::string digest = ledger::hex(ledger::sha256(bytes.data(), bytes.size()));
    if (plan.find(digest) != std::string::npos && taken.insert(digest).second) inputs.push_back(std::move(bytes));
  }
  return inputs;
}
