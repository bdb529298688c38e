// Files of the command line. Everything here throws FileError with the path and the reason.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::vector<uint8_t> read_bytes(const std::filesystem::path &path);
std::string read_text(const std::filesystem::path &path);
// Writes beside the file and renames, so that no half-written file carries the name.
void write_bytes(const std::filesystem::path &path, const void *data, size_t size);

// The files in `folder`, and in folders there that two hexadecimal digits name (a store of artifacts), whose SHA-256 stands in the text of the plan, whatever they are called.
std::vector<std::vector<uint8_t>> inputs_of_plan(const std::filesystem::path &folder, const std::string &plan);
