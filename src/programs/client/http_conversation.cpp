#include "programs/client/http_conversation.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "io/clock.hpp"
#include "io/unless.hpp"
#include "io/with_deadline.hpp"
#include "programs/client/http_fetch.hpp"
#include "programs/client/http_head_rewrite.hpp"
#include "programs/client/local_request.hpp"
#include "programs/client/socks_conversation.hpp"

namespace footbridge::client {
namespace {

// nullopt: the application has hung up.
asio::awaitable<std::optional<OpenedStream>> open(LocalConnection& application, const LocalRequest& request,
                                                  const LocalServices& services) {
  co_return co_await io::unless(application.until_hung_up(),
                                services.tunnel.open(request.destination, io::now() + services.open_limit));
}

asio::awaitable<AfterAnswer> say(LocalConnection& application, std::string answer, bool keep) {
  const bool written = co_await application.write(as_bytes(answer));
  co_return written&& keep ? AfterAnswer::Keep : AfterAnswer::Close;
}

asio::awaitable<AfterAnswer> serve_tunnel(LocalConnection& application, const LocalRequest& request,
                                          const LocalServices& services) {
  auto opened = co_await open(application, request, services);
  if (!opened) co_return AfterAnswer::Abort;
  if (!opened->ok()) {
    const auto failure = opened->error();
    co_return co_await say(application, own_response(http_status(failure), services.tunnel.explain(failure), false),
                           false);
  }
  const auto stream = std::move(*opened).value();
  const std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n";
  if (!co_await application.write(as_bytes(answer))) co_return AfterAnswer::Abort;
  co_await be_a_pipe(application, *stream);
  co_return AfterAnswer::Close;
}

asio::awaitable<AfterAnswer> serve_fetch(LocalConnection& application, RequestParser& parser,
                                         const LocalRequest& request, const LocalServices& services) {
  auto opened = co_await open(application, request, services);
  if (!opened) co_return AfterAnswer::Abort;
  if (opened->ok()) {
    HttpFetch fetch(application, parser, request, std::move(*opened).value());
    co_return co_await fetch.run();
  }
  const auto failure = opened->error();
  const bool keep = wants_keep_alive(parser.get()) && parser.is_done();
  const bool with_body = parser.get().method() != beast_http::verb::head;
  co_return co_await say(application,
                         own_response(http_status(failure), services.tunnel.explain(failure), keep, with_body), keep);
}

asio::awaitable<AfterAnswer> serve_request(LocalConnection& application, RequestParser& parser,
                                           const LocalServices& services) {
  const auto request = judge(parser.get(), services.pac, services.listener);
  const bool with_body = parser.get().method() != beast_http::verb::head;
  switch (request.kind) {
    case RequestKind::Tunnel: co_return co_await serve_tunnel(application, request, services);
    case RequestKind::Fetch: co_return co_await serve_fetch(application, parser, request, services);
    case RequestKind::Pac: co_return co_await say(application, pac_response(services.pac, with_body), false);
    case RequestKind::Refused:
      co_return co_await say(application, own_response(request.status, request.why, false, with_body), false);
    case RequestKind::Silent: break;
  }
  co_return AfterAnswer::Abort;
}

// RFC 9112 §2.2: some programs send an empty line after a request's body.
void skip_empty_lines(LocalConnection& application) {
  std::size_t count = 0;
  const auto text = as_text(application.buffered());
  while (count < text.size() && (text[count] == '\r' || text[count] == '\n')) ++count;
  application.consume(count);
}

}  // namespace

asio::awaitable<void> serve_http(LocalConnection& application, const LocalServices& services, AwaitRequest more) {
  for (;;) {
    RequestParser parser;
    prepare(parser);
    const auto head = co_await io::with_deadline(kRequestHeadLimit, read_head(parser, application));
    // Whoever is slow, sends too much or does not speak HTTP is not one of our user's programs: not a byte for him.
    if (head != HeadRead::Whole) co_return application.abort();
    switch (co_await serve_request(application, parser, services)) {
      case AfterAnswer::Keep: break;
      case AfterAnswer::Close: co_return co_await application.close_gently();
      case AfterAnswer::Abort: co_return application.abort();
    }
    skip_empty_lines(application);
    if (application.buffered().empty() && !co_await more(application, kKeepAliveLimit))
      co_return co_await application.close_gently();
    skip_empty_lines(application);
  }
}

}  // namespace footbridge::client
