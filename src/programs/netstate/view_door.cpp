#include "programs/netstate/view_door.hpp"

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "io/clock.hpp"
#include "programs/netstate/page_files.hpp"

namespace footbridge::netstate {
namespace {

constexpr Seconds kBriefly{1};
constexpr unsigned kBadRequest = 400;
constexpr unsigned kUnauthorized = 401;
constexpr unsigned kNotFound = 404;
constexpr unsigned kBusy = 503;

class OnePiece final : public http::Feed {
 public:
  explicit OnePiece(Piece piece) : piece_(std::move(piece)) {}
  asio::awaitable<Piece> next() override { co_return std::exchange(piece_, nullptr); }

 private:
  Piece piece_;
};

http::Response bare(unsigned status) { return {.status = status, .content_type = "", .body = {}}; }

bool is_data(std::string_view path) {
  return path == "/events" || path == "/snapshot.json" || path == "/snapshot.dot" || path == "/series.json" ||
         path == "/replay.json";
}

// "?hours=1" to "?hours=24"; an hour without.
std::optional<unsigned> hours_of(std::string_view query) {
  constexpr std::string_view kHours = "hours=";
  if (query.empty()) return 1;
  if (!query.starts_with(kHours)) return std::nullopt;
  query.remove_prefix(kHours.size());
  unsigned hours = 0;
  const auto [end, error] = std::from_chars(query.data(), query.data() + query.size(), hours);
  if (error != std::errc() || end != query.data() + query.size() || hours < 1 || hours > core::kMaxSeriesHours)
    return std::nullopt;
  return hours;
}

}  // namespace

asio::awaitable<http::Response> ViewDoor::handle(http::Request request) {
  if (reports_ != nullptr && reports_->serves(request)) co_return co_await reports_->handle(std::move(request));
  http::Response out;
  if (request.method == "POST" && request.target.reveal_to_socket() == "/token") {
    out = co_await access_.enter(std::move(request));
    if (out.status == kUnauthorized) metrics_.wrong_tokens.add();
  } else {
    out = look(request);
  }
  if (out.is_decoy) co_return out;
  // The page's files have them already.
  if (out.headers.empty() || out.headers.front().first != "Last-Modified")
    for (auto& header : viewer_headers()) out.headers.push_back(std::move(header));
  co_return out;
}

http::Response ViewDoor::look(const http::Request& request) {
  const std::string_view target = request.target.reveal_to_socket();
  const auto path = target.substr(0, target.find('?'));
  const auto query = path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view();
  if (request.method != "GET" && request.method != "HEAD") return http::decoy();
  const bool is_theirs = unbounded_ != nullptr && path == "/data";
  if (!is_theirs && !is_data(path)) {
    auto file = page_.answer(request.method, target);
    return file.status == kNotFound || file.is_error_page ? http::decoy() : std::move(file);
  }
  if (!access_.admits(request)) return bare(kUnauthorized);
  if (path == "/events") return request.method == "GET" ? events(request) : bare(kBadRequest);
  const auto& state = live_.state();
  if (path == "/snapshot.json")
    return shared("snapshot", kBriefly, "application/json", [&] { return live_.snapshot_json(); });
  if (path == "/snapshot.dot")
    return shared("dot", kBriefly, "text/vnd.graphviz", [&] { return state.snapshot_dot(); });
  if (path == "/replay.json")
    return shared("replay", kReplayKept, "application/json", [&] { return state.replay_json(); });
  if (is_theirs) return shared("data", kBriefly, "application/json", [&] { return unbounded_->data(); });
  const auto hours = hours_of(query);
  if (!hours) return bare(kBadRequest);
  return shared("series " + std::to_string(*hours), kBriefly, "application/json",
                [&] { return state.series_json(*hours); });
}

http::Response ViewDoor::events(const http::Request& request) {
  auto feed = live_.stream().watch(request.last_event_id);
  if (feed == nullptr) {
    metrics_.viewers_refused.add();
    return bare(kBusy);
  }
  http::Response out{.content_type = "text/event-stream", .body = {}};
  out.feed = std::move(feed);
  return out;
}

http::Response ViewDoor::shared(const std::string& what, Duration keep, const std::string& type,
                                const std::function<std::string()>& make) {
  const auto now = io::now();
  std::erase_if(kept_, [&](const auto& entry) { return entry.second.until <= now; });
  auto& kept = kept_[what];
  if (kept.piece == nullptr) kept = {http::Feed::piece(to_bytes(make())), now + keep};
  http::Response out{.content_type = type, .body = {}};
  out.feed = std::make_unique<OnePiece>(kept.piece);
  return out;
}

}  // namespace footbridge::netstate
