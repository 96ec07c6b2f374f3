// Where a program that nobody told a place has its admin socket.
#include "programs/admin_place.hpp"

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "observe/logger.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;

struct Place {
  void listen(std::optional<ops::Admin>& admin) {
    listen_in_state_directory(loop.get_executor(), directory, "volunteer", {}, admin);
  }
  ops::ScratchDir scratch;
  fs::path directory = scratch.path("state");
  asio::io_context loop{1};
  std::optional<ops::Admin> first, second;
};

TEST(AdminPlace, IsTheStateDirectoryForItsOwnerOnly) {
  Place place;
  place.listen(place.first);
  const auto socket = place.directory / "volunteer.sock";
  EXPECT_TRUE(fs::is_socket(socket));
  EXPECT_EQ(fs::status(socket).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(place.directory).permissions(), fs::perms::owner_all);
  place.first.reset();
  EXPECT_FALSE(fs::exists(socket));
}

TEST(AdminPlace, LeavesWhoIsThereAloneAndTakesTheNext) {
  Place place;
  place.listen(place.first);
  place.listen(place.second);
  EXPECT_TRUE(fs::is_socket(place.directory / "volunteer.sock"));
  EXPECT_TRUE(fs::is_socket(place.directory / "volunteer-2.sock"));
}

TEST(AdminPlace, IsNoReasonNotToStart) {
  const observe::LogCapture capture;
  Place place;
  std::ofstream(place.directory) << "a file is in the way";
  place.listen(place.first);
  EXPECT_FALSE(place.first);
  EXPECT_EQ(capture.count("status-not-shown"), 1U);
}

}  // namespace
}  // namespace footbridge
