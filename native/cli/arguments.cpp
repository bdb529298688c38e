#include "arguments.h"

#include <charconv>

Arguments::Arguments(const std::vector<std::string> &words, const std::set<std::string> &options,
                     const std::set<std::string> &flags) {
  for (size_t i = 0; i < words.size(); i++) {
    const std::string &word = words[i];
    if (word.rfind("--", 0) != 0) {
      positional_.push_back(word);
    } else if (flags.count(word) > 0) {
      flags_.insert(word);
    } else if (options.count(word) > 0) {
      if (i + 1 == words.size()) throw UsageError(word + " needs a value");
      if (!values_.emplace(word, words[++i]).second) throw UsageError(word + " is given twice");
    } else {
      throw UsageError("unknown option " + word);
    }
  }
}

std::vector<std::string> Arguments::positional(const std::vector<std::string> &names) const {
  if (positional_.size() > names.size()) throw UsageError("unexpected argument " + positional_[names.size()]);
  if (positional_.size() < names.size()) throw UsageError(names[positional_.size()] + " is missing");
  return positional_;
}

const std::string &Arguments::required(const std::string &name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw UsageError(name + " is missing");
  return found->second;
}

std::string Arguments::text(const std::string &name, const std::string &otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : found->second;
}

int Arguments::integer(const std::string &name, int otherwise, int least, int most) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return otherwise;
  const std::string &text = found->second;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    throw UsageError(name + " must be an integer from " + std::to_string(least) + " to " + std::to_string(most) +
                     ", not " + text);
  }
  return value;
}
