// SPDX-License-Identifier: Apache-2.0
//
// Files are written whole or not at all, and read up to a limit: targets that exist, do not, are
// links, devices or full; what a failed or interrupted write leaves.
#include "common/files.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "common/error.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

namespace fs = std::filesystem;
using kpu::test::contains_text;
using kpu::test::TempFolder;

namespace {

std::string text_of(const std::string& path) {
  const auto bytes = kpu::read_file(path);
  return {bytes.begin(), bytes.end()};
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a file is written whole, through links and with its permissions") {
  const TempFolder folder;
  kpu::write_file(folder / "a", "one");
  fs::permissions(folder / "a", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("a", folder / "link");
  kpu::write_file(folder / "link", "two");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(text_of(folder / "a") == "two");
  CHECK(fs::status(folder / "a").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(files_in(folder / "") == 2);
  kpu::write_file("/dev/null", "gone");
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("what cannot be written leaves nothing, and what was there stays") {
  const TempFolder folder;
  CHECK_THROWS_WITH(kpu::write_file(folder / "none/a", "x"),
                    contains_text("none/a: cannot be written: No such file"));
  CHECK_THROWS_WITH(kpu::write_file("/dev/full", "x"),
                    contains_text("/dev/full: cannot be written: No space left"));
  kpu::write_file(folder / "a", "before");
  {
    kpu::OutputFile output(folder / "a");
    std::ofstream(output.draft()) << "half";
    CHECK(files_in(folder / "") == 2);
  }
  CHECK(text_of(folder / "a") == "before");
  CHECK(files_in(folder / "") == 1);
}

TEST_CASE("an interrupted program leaves no draft") {
  const TempFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    kpu::remove_temp_files_on_signals();
    kpu::OutputFile output(folder / "a");
    std::ofstream(output.draft()) << "half" << std::flush;
    raise(SIGINT);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
  CHECK(files_in(folder / "") == 0);
}

TEST_CASE("a file without end is read up to the limit") {
  CHECK_THROWS_WITH(kpu::read_file("/dev/zero", 1000), contains_text("longer than 1000 bytes") &&
                                                           contains_text("a device without end"));
  const TempFolder folder;
  kpu::write_file(folder / "a", std::string(1000, 'x'));
  CHECK(kpu::read_file(folder / "a", 1000).size() == 1000);
  CHECK_THROWS_WITH(kpu::read_file(folder / "a", 999), contains_text("longer than 999 bytes"));
  CHECK_THROWS_WITH(kpu::read_file(folder / "none"), contains_text("No such file"));
  CHECK_THROWS_WITH(kpu::read_file(folder / ""), contains_text("is a directory"));
}
