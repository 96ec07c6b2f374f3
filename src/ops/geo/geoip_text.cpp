#include "ops/geo/geoip_text.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>

#include "io/descriptor.hpp"
#include "ops/errors.hpp"

namespace footbridge::ops {
namespace {

std::optional<IpAddress> parse_end(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return IpAddress::parse(text);
  std::uint32_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return IpAddress::v4(number);
}

std::optional<Country> parse_code(std::string_view text) {
  const auto is_code = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (auto country = Country::parse(text)) return country;
  if (text.size() != 2 || !is_code(text[0]) || !is_code(text[1])) return std::nullopt;
  return Country{};
}

// Empty: the line was taken.
std::string_view take_line(std::string_view line, CountryTable& into) {
  if (line.size() > kMaxGeoipLine) return "is longer than any range";
  const auto first = line.find(',');
  const auto second = first == std::string_view::npos ? first : line.find(',', first + 1);
  if (second == std::string_view::npos) return "is not LOW,HIGH,CC";
  const auto low = parse_end(line.substr(0, first));
  const auto high = parse_end(line.substr(first + 1, second - first - 1));
  const auto country = parse_code(line.substr(second + 1));
  if (!low || !high) return "has an end that is no address";
  if (!country) return "has no country code of two letters";
  return into.append(*low, *high, *country) ? "" : "is out of order";
}

std::string contents_of(std::string_view option, const std::string& path) {
  const auto refuse = [&](const std::string& why) { throw UsageError(std::string(option) + ": " + path + " " + why); };
  const io::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a FIFO must not hang us
  if (!file) refuse(std::string("cannot be read: ") + std::strerror(errno));
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) refuse("is not a file that can be read");
  if (facts.st_size > static_cast<off_t>(kMaxGeoipBytes)) refuse("is larger than 64MiB; this is no geoip file");
  std::string text;
  text.reserve(static_cast<std::size_t>(facts.st_size));
  std::array<char, 64 * 1024> block{};
  ssize_t got = 0;
  while (text.size() <= kMaxGeoipBytes && (got = ::read(file.get(), block.data(), block.size())) > 0)
    text.append(block.data(), static_cast<std::size_t>(got));
  if (got < 0 || text.size() > kMaxGeoipBytes) refuse("cannot be read to its end");
  return text;
}

}  // namespace

Status<GeoipMistake> parse_geoip(std::string_view text, CountryTable& into) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (const auto why = take_line(line, into); !why.empty()) return GeoipMistake{number, why};
  }
  return {};
}

CountryTable read_geoip_files(std::string_view option, std::span<const FilePath> files) {
  CountryTable out;
  for (const auto& file : files) {
    if (const auto status = parse_geoip(contents_of(option, file.path), out); !status)
      throw UsageError(std::string(option) + ": " + file.path + ": line " + std::to_string(status.error().line) + " " +
                       std::string(status.error().why));
  }
  return out;
}

}  // namespace footbridge::ops
