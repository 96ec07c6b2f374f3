// OptionTable: the one table of a program's options. From it come flags, environment names, file keys, --help,
// --print-config, the reference page and the example file, so none of them can differ from another.
//
//   OptionTable table("broker", "match clients with proxies");
//   table.add("limits", "max_waiting_proxies", options.max_waiting, "proxies held waiting", {.at_least = 1, .at_most =
//   9})
//       .reloadable();
//
// gives --max-waiting-proxies, FB_LIMITS__MAX_WAITING_PROXIES and max_waiting_proxies under [limits]. The default is
// what the variable holds when it is added. The table keeps references to those variables: they outlive it.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "observe/key_value.hpp"
#include "ops/values.hpp"

namespace footbridge::ops {

// A value an option may have by name: {"web", Policy::Web}.
template <class E>
using Choices = std::vector<std::pair<std::string, E>>;

class Option {
 public:
  std::string section, key;          // as in the file
  std::string flag;                  // "--max-waiting-proxies"
  std::string environment;           // "FB_LIMITS__MAX_WAITING_PROXIES"
  std::string meta;                  // what stands for the value in help: "N"; empty for a switch
  std::string needs;                 // "a whole number, 1 to 10"
  std::string example;               // a value to copy
  std::string help;                  // one line, lower case, no full stop
  std::vector<std::string> initial;  // default in text form; empty: none
  bool is_list = false;
  bool is_switch = false;
  bool is_number = false;   // written without quotes in the file
  bool is_private = false;  // holds a Private value: never repeated in an error text
  bool is_reloadable = false;
  bool is_secret = false;  // printed as <set>

  std::string name_in_file() const { return section + "." + key; }

  Option& named(std::string_view flag_name) { return flag = "--" + std::string(flag_name), *this; }
  Option& reloadable() { return is_reloadable = true, *this; }
  Option& secret() { return is_secret = true, *this; }
  Option& like(std::string_view value) { return example = value, *this; }

  // Takes the texts of the winning source (one, or any number for a list) into the variable.
  std::function<std::optional<Complaint>(const std::string& text)> take;
  std::function<void()> clear;
  std::function<std::vector<std::string>()> texts;
};

template <class T>
inline constexpr bool kIsPrivate = false;
template <class T>
inline constexpr bool kIsPrivate<Private<T>> = true;

class OptionTable {
 public:
  OptionTable(std::string program, std::string summary);

  // One value with a default.
  template <class T>
  Option& add(std::string_view section, std::string_view key, T& into, std::string_view help,
              std::optional<Bound<std::type_identity_t<T>>> bound = std::nullopt) {
    Option& option = start<T>(section, key, help, bound);
    if constexpr (std::is_same_v<T, bool>) option.is_switch = true, option.meta.clear();
    option.take = [&into, bound](const std::string& text) {
      return take_one(text, bound, [&](T v) { into = std::move(v); });
    };
    option.clear = [] {};
    option.texts = [&into] { return std::vector{ValueType<T>::text(into)}; };
    option.initial = option.texts();
    return option;
  }
  // One value or none.
  template <class T>
  Option& add(std::string_view section, std::string_view key, std::optional<T>& into, std::string_view help,
              std::optional<Bound<std::type_identity_t<T>>> bound = std::nullopt) {
    Option& option = start<T>(section, key, help, bound);
    option.take = [&into, bound](const std::string& text) {
      return take_one(text, bound, [&](T v) { into = std::move(v); });
    };
    option.clear = [&into] { into.reset(); };
    option.texts = [&into] { return into ? std::vector{ValueType<T>::text(*into)} : std::vector<std::string>{}; };
    option.initial = option.texts();
    return option;
  }
  // Any number of values up to kMaxListed; the flag is repeated, the file has an array.
  template <class T>
  Option& add(std::string_view section, std::string_view key, std::vector<T>& into, std::string_view help) {
    Option& option = start<T>(section, key, help, std::optional<Bound<T>>());
    option.is_list = true;
    option.take = [&into](const std::string& text) {
      return take_one(text, std::optional<Bound<T>>(), [&](T v) { into.push_back(std::move(v)); });
    };
    option.clear = [&into] { into.clear(); };
    option.texts = [&into] {
      std::vector<std::string> out;
      for (const auto& value : into) out.push_back(ValueType<T>::text(value));
      return out;
    };
    option.initial = option.texts();
    return option;
  }
  // One of a few names.
  template <class E>
  Option& choose(std::string_view section, std::string_view key, E& into, Choices<E> choices, std::string_view help) {
    std::string names;
    for (const auto& [text, value] : choices) names += (names.empty() ? "" : "|") + text;
    Option& option = start(section, key, help, names, "one of " + names, choices.front().first);
    option.take = [&into, choices, names](const std::string& text) -> std::optional<Complaint> {
      for (const auto& [known, value] : choices)
        if (text == known) return into = value, std::nullopt;
      return Complaint{"not one of " + names};
    };
    option.clear = [] {};
    option.texts = [&into, choices] {
      for (const auto& [known, value] : choices)
        if (into == value) return std::vector{known};
      return std::vector<std::string>{};
    };
    option.initial = option.texts();
    return option;
  }

  // A command line to show under "Examples", with what it does.
  OptionTable& example(std::string command, std::string what);
  // The first lines of help: what to type first.
  OptionTable& first(std::string text);

  const std::string& program() const { return program_; }
  const std::string& summary() const { return summary_; }
  const std::string& first_steps() const { return first_; }
  const std::vector<std::pair<std::string, std::string>>& examples() const { return examples_; }
  const std::deque<Option>& options() const { return options_; }
  const Option* find_flag(std::string_view flag) const;
  const Option* find_key(std::string_view name_in_file) const;

 private:
  template <class T>
  Option& start(std::string_view section, std::string_view key, std::string_view help,
                const std::optional<Bound<T>>& bound) {
    std::string needs(ValueType<T>::kWhat);
    if (bound) needs += ", " + ValueType<T>::text(bound->at_least) + " to " + ValueType<T>::text(bound->at_most);
    Option& option =
        start(section, key, help, std::string(ValueType<T>::kMeta), needs, std::string(ValueType<T>::kExample));
    option.is_private = kIsPrivate<T>;
    option.is_number = std::is_same_v<T, std::uint64_t> || std::is_same_v<T, bool>;
    return option;
  }
  Option& start(std::string_view section, std::string_view key, std::string_view help, std::string meta,
                std::string needs, std::string example);

  template <class T, class Store>
  static std::optional<Complaint> take_one(const std::string& text, const std::optional<Bound<T>>& bound, Store store) {
    auto value = ValueType<T>::parse(text);
    if (!value) return value.error();
    if constexpr (requires(const T& a) { a < a; }) {
      if (bound && *value < bound->at_least) return Complaint{"too small"};
      if (bound && bound->at_most < *value) return Complaint{"too large"};
    }
    store(std::move(value).value());
    return std::nullopt;
  }

  std::string program_, summary_, first_;
  std::vector<std::pair<std::string, std::string>> examples_;
  std::deque<Option> options_;  // references to options stay valid while more are added
};

}  // namespace footbridge::ops
