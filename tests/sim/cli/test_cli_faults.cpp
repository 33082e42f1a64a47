// SPDX-License-Identifier: Apache-2.0
//
// What happens when something around the tool fails: streams that are closed or full, outputs that
// would overwrite inputs, disks without room, interruption, values out of range, files without end.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>

#include "common/files.h"
#include "tests/sim/cli/kpu_tool.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

namespace fs = std::filesystem;
using kpu::test::contains_text;
using kpu::test::kModel;
using kpu::test::kpu_tool;
using kpu::test::kScene;
using kpu::test::kTool;
using kpu::test::Outcome;
using kpu::test::shell;
using kpu::test::TempFolder;

namespace {

const std::string kGolden = "run " + kModel + " " + kScene + " --engine golden ";
const std::string kRtlLayer = "run " + kModel + " " + kScene + " --engine rtl --layers 1 ";

std::size_t files_in(const TempFolder& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder / ""), fs::directory_iterator()));
}

void check_refused(const std::string& arguments, const std::string& message) {
  CAPTURE(arguments);
  const Outcome outcome = kpu_tool(arguments);
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.text, contains_text(message));
  CHECK(std::count(outcome.text.begin(), outcome.text.end(), '\n') == 1);
  CHECK(outcome.text.size() < 400);
}

}  // namespace

TEST_CASE("standard output that is full or closed is an error") {
  for (const char* command : {"info ", "estimate "}) {
    const Outcome full = kpu_tool(command + kModel + " >/dev/full");
    CHECK(full.exit_code == 2);
    CHECK_THAT(full.text, contains_text("standard output: cannot be written"));
  }
  CHECK(kpu_tool("--help >/dev/full").exit_code == 2);
  const TempFolder folder;
  const Outcome closed = kpu_tool(kGolden + "--json " + folder / "r.json" + " >&-");
  CHECK(closed.exit_code == 2);
  CHECK_THAT(closed.text, contains_text("standard output"));
  // The closed stream's number did not go to the report.
  const auto json = kpu::read_file(folder / "r.json");
  CHECK(json.front() == '{');
  CHECK(json.back() == '\n');
}

TEST_CASE("an output never overwrites an input or another output") {
  const TempFolder folder;
  fs::copy(kScene, folder / "in.png");
  fs::copy(kModel, folder / "net.kmodel");
  fs::create_symlink("in.png", folder / "link.png");
  const auto before = kpu::read_file(folder / "in.png");
  const std::string run = "run " + folder / "net.kmodel" + " " + folder / "in.png" + " ";
  check_refused(run + "--annotate " + folder / "in.png", "is INPUT, which is read");
  check_refused(run + "--annotate " + folder / "link.png", "is INPUT, which is read");
  check_refused(run + "--annotate " + folder / "./in.png", "is INPUT, which is read");
  fs::copy(folder / "net.kmodel", folder / "net");
  check_refused("run " + folder / "net" + " " + kScene + " --json " + folder / "net",
                "--json " + folder / "net" + ": is MODEL, which is read");
  check_refused(run + "--roofline " + folder / "a.svg" + " --layer-plot " + folder / "a.svg",
                "also written by --roofline");
  check_refused("run " + folder / "net.kmodel" + " " + folder / "" + " --csv " + folder / "in.png",
                "expected a name that ends with .csv");
  check_refused("activity " + folder / "net" + " " + kScene + " --json " + folder / "net",
                "is MODEL, which is read");
  CHECK(kpu::read_file(folder / "in.png") == before);
  CHECK(kpu_tool(kGolden + "--json /dev/null --roofline /dev/null").exit_code == 2);
  CHECK(kpu_tool(kGolden + "--json /dev/null").exit_code == 0);
}

TEST_CASE("a name that belongs to another kind of file is refused") {
  check_refused(kGolden + "--annotate x.jpg", "expected a name that ends with .png");
  check_refused(kGolden + "--json x.csv", "expected a name that ends with .json");
  check_refused(kGolden + "--layer-plot x.png", "expected a name that ends with .svg");
  check_refused(kGolden + "--wave x.vcd", "expected a name that ends with .fst");
}

TEST_CASE("numbers must be finite and in range, and messages stay short") {
  const std::string huge(400, '9');
  for (const std::string value : {"nan", "inf", "1e999", "-1", "0", "x", ""}) {
    check_refused(kGolden + "--clock '" + value + "'", "--clock");
  }
  for (const char* option : {"--clock", "--layers", "--threads", "--mem-latency", "--threshold"}) {
    check_refused(kGolden + option + " " + huge, option);
  }
  check_refused(kGolden + "--mem-seed -3", "--mem-seed: '-3': expected a whole number");
  check_refused(kGolden + "--mem-latency 0", "1..1000000");
  check_refused(kGolden + "--nms nan", "expected a number, 0..1");
  check_refused("run " + kModel + " " + kScene + " --engine fpga",
                "'fpga': expected rtl, golden, both, serial");
  check_refused(kGolden + "--wave w.fst --wave-layer -1", "--wave-layer: '-1'");
  check_refused("fuzz --seconds nan", "--seconds");
  check_refused("estimate " + kModel + " --clock nan", "--clock");
}

TEST_CASE("an unknown subcommand is named, and the version is told") {
  check_refused("walk " + kModel, "'walk': unknown subcommand, expected one of run, info");
  const Outcome version = kpu_tool("--version");
  CHECK(version.exit_code == 0);
  CHECK_THAT(version.text, contains_text("kpu ") && contains_text("lanes"));
}

TEST_CASE("files without end and damaged pictures are named") {
  check_refused("info /dev/zero", "/dev/zero: longer than");
  check_refused("run " + kModel + " /dev/zero --engine golden", "/dev/zero: longer than");
  const TempFolder folder;
  // A PNG header that states 2^31-1 by 2^31-1 pixels.
  auto png = kpu::read_file(kScene);
  for (std::size_t i = 16; i < 24; ++i) png[i] = i % 4 == 0 ? 0x7F : 0xFF;
  kpu::write_file(folder / "huge.png", png.data(), png.size());
  check_refused("run " + kModel + " " + folder / "huge.png --engine golden",
                "huge.png: damaged picture");
}

TEST_CASE("waves need the RTL") {
  check_refused(kGolden + "--wave w.fst",
                "the golden model has no waves, expected --engine rtl or both");
}

TEST_CASE("a window of a layer's cycles is recorded") {
  const TempFolder folder;
  const Outcome whole = kpu_tool("run " + kModel + " " + kScene +
                                 " --engine rtl --wave-layer 4 --wave " + folder / "a.fst");
  CHECK(whole.exit_code == 0);
  CHECK_THAT(whole.text, contains_text("wave: layer 4, about") && contains_text("MB"));
  const Outcome part =
      kpu_tool("run " + kModel + " " + kScene + " --engine rtl --wave-layer 4 --wave " +
               folder / "b.fst" + " --wave-from 100 --wave-cycles 50");
  CHECK(part.exit_code == 0);
  CHECK_THAT(part.text, contains_text("about 50 cycles"));
  CHECK(fs::file_size(folder / "b.fst") < fs::file_size(folder / "a.fst") / 2);
  CHECK(fs::exists(folder / "b.gtkw"));
  const Outcome late = kpu_tool(kRtlLayer + "--wave " + folder / "c.fst" + " --wave-from 10000000");
  CHECK(late.exit_code == 2);
  CHECK_THAT(late.text, contains_text("the layer ended after"));
  CHECK(files_in(folder) == 4);
}

TEST_CASE("waves on a full disk or of an interrupted run leave no file") {
  const TempFolder folder;
  // A limit on the size of files fails as a full disk does.
  const Outcome full = shell("ulimit -f 200; " + kTool + kRtlLayer + "--wave " + folder / "w.fst");
  CHECK(full.exit_code == 2);
  CHECK(files_in(folder) == 0);
  const Outcome stopped =
      shell(kTool + kRtlLayer + "--wave " + folder / "w.fst" + " & pid=$!; while [ -z \"$(ls " +
            folder / "" + ")\" ]; do sleep 0.05; done; kill -TERM $pid; wait $pid; echo ended $?");
  CHECK_THAT(stopped.text, contains_text("ended 143"));
  CHECK(files_in(folder) == 0);
}
