// Command-line arguments: positional words, options with a value, and flags.
#pragma once
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

// Wrong use of the command line; ends with exit status 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Arguments {
 public:
  // Throws UsageError on an option that is in neither list, on one without its value, and on one given twice.
  Arguments(const std::vector<std::string> &words, const std::set<std::string> &options, const std::set<std::string> &flags);

  // Throws UsageError unless there are exactly as many positional words as names.
  std::vector<std::string> positional(const std::vector<std::string> &names) const;
  bool has(const std::string &name) const { return values_.count(name) > 0 || flags_.count(name) > 0; }
  // Throws UsageError when the option is missing.
  const std::string &required(const std::string &name) const;
  std::string text(const std::string &name, const std::string &otherwise) const;
  // Throws UsageError unless the value is an integer from `least` to `most`.
  int integer(const std::string &name, int otherwise, int least, int most) const;

 private:
  std::vector<std::string> positional_;
  std::map<std::string, std::string> values_;
  std::set<std::string> flags_;
};
