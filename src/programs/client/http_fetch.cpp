#include "programs/client/http_fetch.hpp"

#include <string>
#include <utility>

#include "io/clock.hpp"
#include "io/unless.hpp"
#include "programs/client/http_head_rewrite.hpp"

namespace footbridge::client {

HttpFetch::HttpFetch(LocalConnection& application, RequestParser& parser, const LocalRequest& request,
                     std::unique_ptr<io::SessionStream> stream)
    : application_(application),
      request_(parser),
      stream_(std::move(stream)),
      upstream_(*stream_),
      idle_(application.socket().get_executor(),
            [this](TimePoint) {
              stream_->reset(core::ResetCode::TimedOut);
              application_.abort();
            }),
      head_(to_bytes(rewrite_request(parser.get(), request))),
      keep_alive_(wants_keep_alive(parser.get())),
      with_body_(parser.get().method() != beast_http::verb::head) {}

void HttpFetch::moved() { idle_.arm(io::now() + kFetchIdleLimit); }

asio::awaitable<AfterAnswer> HttpFetch::run() {
  moved();
  const auto after = co_await io::unless(upload(), download());
  idle_.arm(std::nullopt);
  co_return after.value_or(AfterAnswer::Abort);
}

// Returns only when the application has hung up.
asio::awaitable<void> HttpFetch::upload() {
  if (!co_await stream_->write(head_)) co_return co_await application_.until_reset();
  const auto end = co_await forward_body(request_, application_, *stream_, [this] { moved(); });
  switch (end) {
    case BodyEnd::Complete: co_return co_await application_.until_hung_up();
    case BodyEnd::Truncated:
    case BodyEnd::Broken: co_return;
    case BodyEnd::SinkGone: co_return co_await application_.until_reset();  // its answer may still come
    case BodyEnd::Malformed: stream_->reset(core::ResetCode::Cancelled); co_return co_await application_.until_reset();
  }
}

asio::awaitable<AfterAnswer> HttpFetch::download() {
  for (;;) {
    ResponseParser answer;
    prepare(answer);
    answer.skip(!with_body_);
    if (const auto read = co_await read_head(answer, upstream_); read != HeadRead::Whole)
      co_return co_await no_answer(read);
    moved();
    const auto status = answer.get().result_int();
    if (status >= 200) co_return co_await pass_on(answer);
    // Below 100 is no status (RFC 9110 §15). 101 would be an answer to an Upgrade, which was not passed on.
    if (status < 100 || status == 101) co_return co_await no_answer(HeadRead::Malformed);
    if (request_.get().version() < 11) continue;  // HTTP/1.0 knows no interim answers
    const auto head = rewrite_response(answer.get(), keep_alive_);
    if (!co_await application_.write(as_bytes(head))) co_return AfterAnswer::Close;
  }
}

asio::awaitable<AfterAnswer> HttpFetch::no_answer(HeadRead why) {
  const std::string_view text = why == HeadRead::Malformed  ? "The server's answer is not HTTP."
                                : why == HeadRead::TooLarge ? "The head of the server's answer is too large."
                                                            : "The server closed the connection without an answer.";
  const bool keep = keep_alive_ && request_.is_done();
  const auto answer = own_response(502, text, keep, with_body_);
  const bool written = co_await application_.write(as_bytes(answer));
  co_return written&& keep ? AfterAnswer::Keep : AfterAnswer::Close;
}

asio::awaitable<AfterAnswer> HttpFetch::pass_on(ResponseParser& answer) {
  const bool keep = keep_alive_ && !answer.need_eof();
  const auto head = rewrite_response(answer.get(), keep);
  if (!co_await application_.write(as_bytes(head))) co_return AfterAnswer::Abort;
  const auto end = co_await forward_body(answer, upstream_, application_, [this] { moved(); });
  // The application counts for itself what is missing; curl, for one, tells this end from a broken connection.
  if (end == BodyEnd::Truncated) co_return AfterAnswer::Close;
  // Anything else but a whole body must not look like one.
  if (end != BodyEnd::Complete) co_return AfterAnswer::Abort;
  co_return keep&& request_.is_done() ? AfterAnswer::Keep : AfterAnswer::Close;
}

}  // namespace footbridge::client
