#include "programs/status/daemons.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/number_text.hpp"
#include "io/asio.hpp"
#include "io/endpoint.hpp"
#include "io/with_deadline.hpp"
#include "programs/admin_place.hpp"
#include "programs/state_directory.hpp"

namespace footbridge::status {
namespace {

namespace fs = std::filesystem;
using Protocol = asio::generic::stream_protocol;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::is_socket(path, error);
}

template <class Wanted>
std::vector<fs::path> entries(const fs::path& folder, Wanted wanted) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (wanted(at->path())) out.push_back(at->path());
  std::ranges::sort(out);
  return out;
}

// Of a unit of another user even whether there is a socket is hidden; then it is asked, which says that it is
// forbidden.
std::vector<fs::path> sockets_of_units(const std::string& run) {
  const auto folders =
      entries(run, [](const fs::path& path) { return path.filename().string().starts_with("footbridge"); });
  std::vector<fs::path> out;
  for (const auto& folder : folders) {
    std::error_code error;
    const auto socket = folder / kRuntimeSocket;
    const auto facts = fs::status(socket, error);
    if (fs::is_socket(facts) || error == std::errc::permission_denied) out.push_back(socket);
  }
  return out;
}

Silence silence_of(const boost::system::error_code& error) {
  if (error == asio::error::connection_refused || error == boost::system::errc::no_such_file_or_directory)
    return Silence::Nobody;
  if (error == boost::system::errc::permission_denied) return Silence::Forbidden;
  return Silence::Strange;
}

// "HTTP/1.1 200 OK … body"; all of it is there when the other end has closed.
Answer read_answer(std::string_view text) {
  constexpr std::string_view kBegin = "HTTP/1.1 ";
  const auto head = text.find("\r\n\r\n");
  if (!text.starts_with(kBegin) || head == text.npos) return {Silence::Strange, 0, {}};
  const auto status = parse_number(text.substr(kBegin.size(), 3), 999);
  if (!status) return {Silence::Strange, 0, {}};
  std::string body(text.substr(head + 4));
  std::ranges::replace_if(
      body, [](unsigned char c) { return (c < ' ' && c != '\n') || c >= 0x7f; }, '?');
  return {Silence::None, static_cast<unsigned>(*status), std::move(body)};
}

asio::awaitable<Answer> converse(const ops::AdminAddress& daemon, std::string request) {
  Protocol::socket socket(co_await asio::this_coro::executor);
  const Protocol::endpoint at = daemon.unix_path.empty()
                                    ? Protocol::endpoint(io::to_tcp(daemon.endpoint))
                                    : Protocol::endpoint(asio::local::stream_protocol::endpoint(daemon.unix_path));
  const auto [refused] = co_await socket.async_connect(at, io::no_throw);
  io::throw_if_aborted(refused);
  if (refused) co_return Answer{silence_of(refused), 0, {}};
  co_await asio::async_write(socket, asio::buffer(request), io::no_throw);
  std::string text;
  const auto [ended, bytes] =
      co_await asio::async_read(socket, asio::dynamic_buffer(text, kMaxStatusBytes), io::no_throw);
  io::throw_if_aborted(ended);
  co_return ended == asio::error::eof ? read_answer(text) : Answer{Silence::Strange, 0, {}};
}

}  // namespace

std::vector<ops::AdminAddress> find_daemons(const Places& places, const std::string& run) {
  if (places.admin) return {*places.admin};
  std::vector<fs::path> found;
  if (!places.state_dir) {
    if (const char* own = std::getenv("RUNTIME_DIRECTORY"); own != nullptr && *own == '/')
      if (const auto socket = fs::path(own) / kRuntimeSocket; is_there(socket)) found.push_back(socket);
    for (auto& socket : sockets_of_units(run))
      if (std::ranges::find(found, socket) == found.end()) found.push_back(std::move(socket));
  }
  if (const auto state = state_directory(places.state_dir, std::nullopt))
    for (auto& socket : entries(*state, [](const fs::path& p) { return p.extension() == ".sock" && is_there(p); }))
      found.push_back(std::move(socket));
  if (found.size() > kMostDaemons) found.resize(kMostDaemons);
  std::vector<ops::AdminAddress> out;
  for (const auto& socket : found) out.push_back({socket.string(), {}});
  return out;
}

Answer ask(const ops::AdminAddress& daemon, std::string_view path, std::string_view accept) {
  asio::io_context loop(1);
  Answer out{Silence::Strange, 0, {}};
  auto request = "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nAccept: " + std::string(accept) +
                 "\r\nConnection: close\r\n\r\n";
  const auto question = [&]() -> asio::awaitable<void> {
    if (auto answer = co_await io::with_deadline(kQuestionLimit, converse(daemon, std::move(request))))
      out = *std::move(answer);
  };
  // A path that is too long for a socket, and the like: as strange as an answer that makes no sense.
  asio::co_spawn(loop, question(), [](const std::exception_ptr&) {});
  loop.run();
  return out;
}

}  // namespace footbridge::status
