#include "programs/demo/website.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "base/rng.hpp"
#include "io/clock.hpp"
#include "io/with_deadline.hpp"
#include "programs/sha256.hpp"

namespace footbridge::demo {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;
constexpr std::size_t kMaxRequestBytes = 8 * 1024;
constexpr Seconds kRequestLimit{10};

constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Footbridge demo</title>
<body style="font: 1.2em/1.6 sans-serif; max-width: 34em; margin: 4em auto">
<h1>You crossed the footbridge.</h1>
<p>This page came through a volunteer: from this site to the egress, over a WebSocket to the volunteer, over a WebRTC
data channel to the client, and out of the local proxy that your browser asked. Only the client and the egress could
read it; the volunteer saw sealed packets.</p>
<p>Here is <a href="/file">a larger file</a>, and <a href="http://127.0.0.1:1/">a destination the egress refuses</a>.</p>
</body></html>
)";

io::ListenOptions on_loopback() {
  io::ListenOptions out;
  out.address = Endpoint{IpAddress::v4(0x7f000001), 0};
  out.option = "the demo's website";
  return out;
}

std::string head(std::string_view status, std::string_view content_type, std::uint64_t bytes) {
  std::string out("HTTP/1.1 ");
  out.append(status).append("\r\nContent-Type: ").append(content_type.empty() ? "text/plain" : content_type);
  return out + "\r\nContent-Length: " + std::to_string(bytes) + "\r\n";
}

asio::awaitable<std::optional<std::string>> read_head(io::tcp::socket& socket, std::string& buffer) {
  const auto [error, count] =
      co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer, kMaxRequestBytes), "\r\n\r\n", io::no_throw);
  io::throw_if_aborted(error);
  if (error) co_return std::nullopt;
  auto head = buffer.substr(0, count);
  buffer.erase(0, count);
  co_return head;
}

}  // namespace

FileContent::FileContent(std::uint64_t bytes) : bytes_(bytes) {
  SeededRng rng(bytes);  // the same size always has the same sum
  block_ = rng.bytes(kBlockBytes);
}

asio::awaitable<std::string> FileContent::sha256_hex() const {
  const auto executor = co_await asio::this_coro::executor;
  Sha256 sum;
  for (std::uint64_t offset = 0; offset < bytes_;) {
    const auto piece = at(offset, kBlockBytes);
    sum.add(piece);
    offset += piece.size();
    co_await asio::post(executor, asio::use_awaitable);
  }
  co_return sum.hex();
}

ByteView FileContent::at(std::uint64_t offset, std::size_t most) const {
  const auto begin = static_cast<std::size_t>(offset % kBlockBytes);
  const auto left = static_cast<std::size_t>(std::min<std::uint64_t>(bytes_ - offset, kBlockBytes - begin));
  return ByteView(block_).subspan(begin, std::min(left, most));
}

Website::Website(asio::any_io_executor executor, const FileContent& file)
    : file_(file), listener_(std::move(executor), on_loopback()) {}

asio::awaitable<void> Website::run() {
  co_await listener_.run([this](io::Accepted accepted) { return serve(std::move(accepted)); });
}

asio::awaitable<void> Website::serve(io::Accepted accepted) {
  std::string buffer;
  for (;;) {
    const auto head = co_await io::with_deadline(kRequestLimit, read_head(accepted.socket, buffer));
    if (!head || !*head) co_return;
    const bool answered = co_await answer(accepted.socket, **head);
    if (!answered) co_return;
  }
}

asio::awaitable<bool> Website::answer(io::tcp::socket& socket, std::string_view request) {
  const auto target = request.starts_with("GET ") ? request.substr(4, request.find(' ', 4) - 4) : std::string_view();
  if (target == "/file") co_return co_await send_file(socket, file_.bytes());
  if (target == "/part") co_return co_await send_file(socket, std::min(kPartBytes, file_.bytes()));
  auto page = target == "/" ? GuestPage::File{"text/html; charset=utf-8", std::string(kPage)} : GuestPage::File{};
  auto guest = guest_.file(target);
  if (guest) page = std::move(*guest);
  const bool known = guest || target == "/";
  std::string answer = head(known ? "200 OK" : "404 Not Found", page.content_type, page.body.size());
  if (!page.policy.empty()) answer += "Content-Security-Policy: " + page.policy + "\r\n";
  answer += "\r\n" + page.body;
  const auto [error, count] = co_await asio::async_write(socket, asio::buffer(answer), io::no_throw);
  co_return !error;
}

asio::awaitable<bool> Website::send_file(io::tcp::socket& socket, std::uint64_t bytes) {
  const std::string begin = head("200 OK", "application/octet-stream", bytes) + "\r\n";
  const auto [head_error, head_count] = co_await asio::async_write(socket, asio::buffer(begin), io::no_throw);
  if (head_error) co_return false;
  for (std::uint64_t offset = 0; offset < bytes;) {
    const auto piece = file_.at(offset, static_cast<std::size_t>(std::min<std::uint64_t>(kBlockBytes, bytes - offset)));
    const auto [error, count] =
        co_await asio::async_write(socket, asio::buffer(piece.data(), piece.size()), io::no_throw);
    if (error) co_return false;
    offset += count;
  }
  co_return true;
}

}  // namespace footbridge::demo
