#include "ops/toml_file.hpp"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include "ops/errors.hpp"
#include "ops/toml_ascii.hpp"

namespace footbridge::ops {
namespace {

std::string place_of(const std::string& name, const toml::source_region& at) {
  return name + ":" + std::to_string(at.begin.line) + ":" + std::to_string(at.begin.column);
}

class Flattener {
 public:
  explicit Flattener(const std::string& name) : name_(name) {}

  void table(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string full = prefix + from_toml_ascii(key.str());
      if (const auto* inner = node.as_table()) {
        this->table(*inner, full + ".");
      } else if (const auto* array = node.as_array(); array && !array->empty() && array->is_array_of_tables()) {
        for (std::size_t i = 0; i < array->size(); ++i)
          this->table(*array->get_as<toml::table>(i), full + "." + std::to_string(i) + ".");
      } else {
        setting(full, place_of(name_, key.source()), node);
      }
    }
  }
  std::vector<TomlSetting> take() { return std::move(settings_); }

 private:
  void setting(const std::string& key, const std::string& place, const toml::node& node) {
    if (settings_.size() == kMaxTomlSettings) throw UsageError(name_ + ": more settings than a file of ours can have");
    TomlSetting out{key, {}, false, place};
    if (const auto* array = node.as_array()) {
      out.is_list = true;
      for (const auto& element : *array) out.values.push_back(scalar(key, element));
    } else {
      out.values.push_back(scalar(key, node));
    }
    settings_.push_back(std::move(out));
  }
  std::string scalar(const std::string& key, const toml::node& node) const {
    if (const auto* text = node.as_string()) return from_toml_ascii(text->get());
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    throw UsageError(
        place_of(name_, node.source()) + ": " + key +
        " has a value of a kind that no option takes; write a text, a whole number, true, false or a list");
  }

  const std::string& name_;
  std::vector<TomlSetting> settings_;
};

std::string contents_of(const std::string& path) {
  const auto refuse = [&](const std::string& why) { throw UsageError(path + ": " + why); };
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO must not hang us
  if (file < 0) refuse(std::string("cannot be read: ") + std::strerror(errno));
  struct stat facts {};
  std::string text;
  bool fine = ::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode);
  char block[16 * 1024];
  ssize_t got = 0;
  while (fine && text.size() <= kMaxTomlBytes && (got = ::read(file, block, sizeof block)) > 0)
    text.append(block, static_cast<std::size_t>(got));
  fine = fine && got >= 0;
  ::close(file);
  if (!fine) refuse("is not a file that can be read");
  if (text.size() > kMaxTomlBytes) refuse("is larger than 256KiB; this is not a configuration of ours");
  return text;
}

}  // namespace

std::vector<TomlSetting> parse_toml(std::string_view text, const std::string& name) {
  try {
    const auto parsed = toml::parse(to_toml_ascii(text));
    Flattener flat(name);
    flat.table(parsed, "");
    return flat.take();
  } catch (const toml::parse_error& error) {
    throw UsageError(place_of(name, error.source()) + ": not TOML: " + from_toml_ascii(error.description()));
  }
}

std::vector<TomlSetting> read_toml_file(const std::string& path) { return parse_toml(contents_of(path), path); }

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace footbridge::ops
