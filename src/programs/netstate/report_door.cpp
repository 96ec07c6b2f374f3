#include "programs/netstate/report_door.hpp"

#include <string>

namespace footbridge::netstate {
namespace {

constexpr std::string_view kReport = "/report";

}  // namespace

unsigned status_of(core::BatchVerdict verdict) {
  switch (verdict) {
    case core::BatchVerdict::Taken: return 204;
    case core::BatchVerdict::Malformed: return 400;
    case core::BatchVerdict::Refused: return 401;
    case core::BatchVerdict::TooLarge: return 413;
    case core::BatchVerdict::Later: return 429;
  }
  return 0;
}

bool ReportDoor::serves(const http::Request& request) const {
  return (request.method == "POST" && request.target.reveal_to_socket() == kReport) ||
         (unbounded_ != nullptr && unbounded_->takes(request));
}

asio::awaitable<http::Response> ReportDoor::handle(http::Request request) {
  if (unbounded_ != nullptr && unbounded_->takes(request)) co_return unbounded_->exec(request);
  if (!serves(request)) co_return http::decoy();
  const auto answer = live_.take(request.peer.reveal_to_socket(), request.body);
  metrics_.note(live_.state());
  // Pages of any origin report, and have to see when they are to wait.
  http::Response out{.status = status_of(answer.verdict),
                     .content_type = "",
                     .body = {},
                     .headers = {{"Access-Control-Allow-Origin", "*"}}};
  if (answer.verdict == core::BatchVerdict::Later) {
    out.headers.emplace_back("Retry-After", std::to_string(answer.retry_after.count()));
    out.headers.emplace_back("Access-Control-Expose-Headers", "Retry-After");
  }
  co_return out;
}

}  // namespace footbridge::netstate
