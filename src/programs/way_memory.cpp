#include "programs/way_memory.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/encoding.hpp"
#include "crypto/primitives.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMarkBytes = 8;

std::string mark_of(const http::Route& way) {
  std::string text = way.url.authority() + way.url.target.reveal_to_socket();
  if (way.front) text += " " + way.front->host.reveal_to_socket() + ":" + std::to_string(way.front->port);
  return encode_hex(crypto::blake2b<kMarkBytes>(as_bytes(text)));
}

std::vector<std::string> read(const fs::path& file) {
  std::vector<std::string> out;
  std::ifstream in(file);
  for (std::string line; out.size() < kMaxRemembered && std::getline(in, line);)
    if (const auto bytes = parse_hex(line); bytes && bytes->size() == kMarkBytes) out.push_back(line);
  return out;
}

}  // namespace

WayMemory::WayMemory(std::optional<fs::path> directory) {
  if (!directory) return;
  file_ = *directory / "way-order";
  marks_ = read(*file_);
}

std::vector<std::size_t> WayMemory::order_of(const std::vector<http::Route>& ways) const {
  std::vector<std::string> known;
  for (const auto& way : ways) known.push_back(mark_of(way));
  std::vector<std::size_t> out;
  for (const auto& mark : marks_)
    if (const auto at = std::ranges::find(known, mark); at != known.end())
      out.push_back(static_cast<std::size_t>(at - known.begin()));
  return out;
}

void WayMemory::remember(const std::vector<http::Route>& ways, const std::vector<std::size_t>& order) {
  std::vector<std::string> marks;
  for (const auto number : order) marks.push_back(mark_of(ways[number]));
  for (const auto& mark : marks_)
    if (std::ranges::find(marks, mark) == marks.end() && marks.size() < kMaxRemembered) marks.push_back(mark);
  if (marks == marks_) return;
  marks_ = std::move(marks);
  if (!file_) return;
  std::string text;
  for (const auto& mark : marks_) text += mark + "\n";
  try {
    ops::replace_private_note("--state-dir", {file_->string()}, text);
  } catch (const ops::UsageError&) {
    if (!std::exchange(complained_, true))
      observe::log(observe::Level::Warn, "state-not-kept", observe::kv("why", "cannot be read or written"));
  }
}

}  // namespace footbridge
