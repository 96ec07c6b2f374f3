#include "programs/way_memory.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <utility>

#include "base/encoding.hpp"
#include "crypto/primitives.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/state_directory.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMarkBytes = 8;
constexpr std::string_view kHereContext{"footbridge whereabouts 1\0", 25};
constexpr std::string_view kWayContext{"footbridge way 1\0", 17};
constexpr std::uint64_t kDaySeconds = 24 * 3600;

std::uint64_t day_of(UnixSeconds now) { return count(now) / kDaySeconds; }

// A day that has not come is of a clock that was wrong, or is now.
bool alive(std::uint64_t day, std::uint64_t today) {
  return day <= today && (today - day) * kDaySeconds <= static_cast<std::uint64_t>(kWayLife.count());
}

}  // namespace

WayMemory::WayMemory(std::optional<fs::path> directory, Rng& rng, Where where)
    : where_(std::move(where)), secret_(crypto::SecretKey::random(rng)) {
  if (!directory) return;
  file_ = *directory / kWayOrderFile;
  read();
}

std::optional<Whereabouts> WayMemory::here() const {
  const auto network = where_();
  if (!network) return std::nullopt;
  auto text = to_bytes(kHereContext);
  append(text, as_bytes(network->reveal_to_socket()));
  return Whereabouts{crypto::blake2b<Whereabouts::kBytes>(text, secret_.reveal_to_primitive())};
}

std::string WayMemory::mark_of(const Whereabouts& here, const http::Route& way) const {
  auto text = to_bytes(kWayContext);
  append(text, here.view());
  append(text, as_bytes(way.url.authority() + way.url.target.reveal_to_socket()));
  if (way.front)
    append(text, as_bytes(" " + way.front->host.reveal_to_socket() + ":" + std::to_string(way.front->port)));
  return encode_hex(crypto::blake2b<kMarkBytes>(text, secret_.reveal_to_primitive()));
}

std::vector<std::size_t> WayMemory::helpers(UnixSeconds now, const Whereabouts& here,
                                            std::span<const http::Route> ways) const {
  std::vector<std::string> known;
  for (const auto& way : ways) known.push_back(mark_of(here, way));
  std::vector<std::size_t> out;
  for (const auto& line : lines_)
    if (const auto at = std::ranges::find(known, line.mark); at != known.end() && alive(line.day, day_of(now)))
      out.push_back(static_cast<std::size_t>(at - known.begin()));
  return out;
}

void WayMemory::helped(UnixSeconds now, const Whereabouts& here, std::span<const http::Route> ways, std::size_t way,
                       std::span<const std::size_t> failed) {
  const auto today = day_of(now);
  std::vector<std::string> gone{mark_of(here, ways[way])};
  std::vector<Line> lines{{gone.front(), today}};
  for (const auto number : failed) gone.push_back(mark_of(here, ways[number]));
  for (auto& line : lines_)
    if (alive(line.day, today) && std::ranges::find(gone, line.mark) == gone.end() && lines.size() < kMaxRemembered)
      lines.push_back(line);
  if (lines == lines_) return;
  lines_ = std::move(lines);
  write();
}

void WayMemory::read() {
  std::ifstream in(*file_);
  std::string text;
  const auto first = std::getline(in, text) ? parse_hex(text) : std::nullopt;
  if (!first || first->size() != crypto::SecretKey::kBytes) return;
  secret_ = *crypto::SecretKey::from(*first);
  while (lines_.size() < kMaxRemembered && std::getline(in, text)) {
    const auto mark = text.substr(0, 2 * kMarkBytes);
    const auto bytes = parse_hex(mark);
    std::uint64_t day = 0;
    const auto* end = text.data() + text.size();
    if (!bytes || bytes->size() != kMarkBytes || text.size() < mark.size() + 2 || text[mark.size()] != ' ') continue;
    if (std::from_chars(text.data() + mark.size() + 1, end, day).ptr == end) lines_.push_back({mark, day});
  }
}

void WayMemory::write() {
  if (!file_) return;
  std::string text = encode_hex(secret_.reveal_to_primitive()) + "\n";
  for (const auto& line : lines_) text += line.mark + " " + std::to_string(line.day) + "\n";
  try {
    ops::replace_private_note("--state-dir", {file_->string()}, text);
  } catch (const ops::UsageError&) {
    if (!std::exchange(complained_, true))
      observe::log(observe::Level::Warn, "state-not-kept", observe::kv("why", "cannot be read or written"));
  }
}

}  // namespace footbridge
