#include "programs/managed_start.hpp"

#include <fstream>
#include <iterator>
#include <utility>

#include "wire/pt_flags.hpp"

namespace footbridge {
namespace {

using wire::PtRefusal;

// nullopt: it cannot be read, or is larger than a value may be.
std::optional<std::string> read_options_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(wire::kMaxPtValueBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad() || !file.eof()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Result<ManagedStart, PtRefusal> start_by_flags(wire::PtRole role, std::span<const std::string> arguments) {
  auto flags = wire::parse_pt_flags(role, arguments);
  if (!flags) return flags.error();
  ManagedStart start{std::move(flags->input), std::move(flags->others)};
  if (!flags->options_file) return start;
  auto text = read_options_file(*flags->options_file);
  if (!text) return PtRefusal{PtRefusal::Line::EnvError, "-optionsFile cannot be read, or is too large"};
  start.input.values.emplace(wire::PtKey::Options, std::move(*text));
  return start;
}

}  // namespace

std::optional<Result<ManagedStart, PtRefusal>> find_managed_start(wire::PtRole role,
                                                                  std::span<const std::string> arguments,
                                                                  const wire::PtEnvironment& environment) {
  if (wire::is_managed_environment(environment))
    return ManagedStart{wire::read_pt_environment(environment), {arguments.begin(), arguments.end()}};
  if (wire::has_pt_flags(arguments)) return start_by_flags(role, arguments);
  return std::nullopt;
}

}  // namespace footbridge
