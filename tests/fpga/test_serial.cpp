// SPDX-License-Identifier: Apache-2.0
//
// The tool's way to a board: port, packets, driver and backend, with the simulated board at the
// other end of a pseudo-terminal. A network runs on it and equals the golden model bit for bit; a
// fault in the board's memory is traced to its stage; a board that is not there, a disturbed line
// and a network that does not fit are refused with one line.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "common/error.h"
#include "driver/k210_map.h"
#include "driver/serial/serial_bus.h"
#include "driver/serial/serial_system.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/kmodel_writer.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "sim/engine/engine_run.h"
#include "sim/engine/serial_backend.h"
#include "sim/report/report_table.h"
#include "tests/fpga/simulated_board.h"
#include "tests/support/catch2.h"
#include "tests/support/small_network.h"

namespace golden = kpu::golden;
using kpu::test::BoardAtPort;
using kpu::test::contains_text;

namespace {

constexpr unsigned kBaud = 115200;

/// A network of one layer with a square input of `size` and 1x1 kernels.
std::vector<std::uint8_t> one_layer(std::uint32_t size, std::uint32_t channels) {
  golden::WriterLayer layer;
  layer.args = golden::make_layer_args({.in_channels = channels,
                                        .out_channels = channels,
                                        .height = size,
                                        .width = size,
                                        .src_line = 0,
                                        .dst_line = 256},
                                       true);
  layer.weights.resize(std::size_t{channels} * channels);
  layer.batch_norm.resize(channels);
  golden::KmodelWriter writer(true);
  writer.add_kpu(layer);
  return writer.finish();
}

kpu::sim::RunRequest on_board(const BoardAtPort& board) {
  kpu::sim::RunRequest request;
  request.engine = kpu::sim::EngineChoice::kSerial;
  request.serial = {board.port(), kBaud};
  request.show_progress = false;
  return request;
}

}  // namespace

TEST_CASE("a network runs on the board as on the golden model") {
  BoardAtPort board;
  const auto model = golden::load_model(kpu::test::small_network());
  const kpu::sim::RunReport report =
      kpu::sim::run_engines(*model, {kpu::test::small_input()}, on_board(board));
  CHECK(report.verdict == kpu::sim::Verdict::kMatch);
  CHECK(report.hardware == "board");
  CHECK(report.lanes() == 16);
  REQUIRE(report.layers.size() == 2);
  for (const kpu::sim::LayerReport& layer : report.layers) {
    CHECK(layer.match == true);
    CHECK(layer.cycles() > std::uint64_t{0});
  }
}

TEST_CASE("a board that computes wrong is told where and in which stage") {
  BoardAtPort board;
  board.break_memory();  // where the first weight lies
  const auto model = golden::load_model(kpu::test::small_network());
  const kpu::sim::RunReport report =
      kpu::sim::run_engines(*model, {kpu::test::small_input()}, on_board(board));
  CHECK(report.verdict == kpu::sim::Verdict::kMismatch);
  REQUIRE(report.difference);
  CHECK(report.difference->layer == 0);
  CHECK(report.difference->channel == 0);
  REQUIRE(report.difference->stage);
  CHECK(report.difference->stage->stage == "convolution");
  CHECK(report.difference->stage->got != report.difference->stage->expected);
  CHECK_THAT(kpu::sim::report_table(report),
             contains_text("first wrong stage: convolution") && contains_text("--engine both"));
}

TEST_CASE("memory is read and written at any start and length") {
  BoardAtPort board;
  kpu::driver::SerialBus bus(board.port(), kBaud);
  std::mt19937 random(1);
  std::vector<std::uint8_t> expected(64);
  for (std::uint8_t& byte : expected) byte = static_cast<std::uint8_t>(random());
  bus.write_bytes(kpu::driver::kSramBase, expected);
  const std::pair<int, int> ranges[] = {{3, 1}, {8, 8}, {5, 11}, {7, 9}, {16, 3}, {1, 62}};
  for (const auto& [start, size] : ranges) {
    CAPTURE(start, size);
    std::vector<std::uint8_t> part(static_cast<std::size_t>(size));
    for (std::uint8_t& byte : part) byte = static_cast<std::uint8_t>(random());
    std::copy(part.begin(), part.end(), expected.begin() + start);
    bus.write_bytes(kpu::driver::kSramBase + static_cast<std::uint32_t>(start), part);
    std::vector<std::uint8_t> back(part.size());
    bus.read_bytes(kpu::driver::kSramBase + static_cast<std::uint32_t>(start), back);
    CHECK(back == part);
  }
  std::vector<std::uint8_t> all(expected.size());
  bus.read_bytes(kpu::driver::kSramBase, all);
  CHECK(all == expected);
  CHECK(bus.read(kpu::driver::kDmaSelect0, 4) == 0);
  bus.write(kpu::driver::kDmaSelect0, 22 << 6, 4);
  CHECK(bus.read(kpu::driver::kDmaSelect0, 4) == 22 << 6);
}

TEST_CASE("a disturbed line is noticed on both ways") {
  BoardAtPort board;
  kpu::driver::SerialBus bus(board.port(), kBaud, std::chrono::milliseconds(60'000));
  board.disturb_answer();
  CHECK_THROWS_WITH(bus.state(), contains_text("checksum is wrong"));
  board.disturb_request();
  CHECK_THROWS_WITH(bus.state(), contains_text("does not know the operation"));
  CHECK(bus.state().memory_bytes == 8192);
  CHECK_THROWS_WITH(bus.read(0), contains_text("0x00000000") && contains_text("response 3"));
}

TEST_CASE("ports and boards that are not there") {
  using kpu::driver::SerialBus;
  CHECK_THROWS_WITH(SerialBus("/dev/no_such_port", kBaud), contains_text("/dev/no_such_port"));
  CHECK_THROWS_WITH(SerialBus("/dev/null", kBaud), contains_text("expected a serial line"));
  BoardAtPort board;
  CHECK_THROWS_WITH(SerialBus(board.port(), 12345), contains_text("12345"));
  // Nobody answers within so short a time.
  SerialBus impatient(board.port(), kBaud, std::chrono::milliseconds(0));
  CHECK_THROWS_WITH(impatient.state(), contains_text("of an answer came"));
}

TEST_CASE("networks that the board has no memory for are refused with sizes") {
  BoardAtPort board;
  const auto refused = [&](std::uint32_t size, std::uint32_t channels) {
    const auto model = golden::load_model(one_layer(size, channels));
    kpu::sim::make_serial_backend({board.port(), kBaud}, model->info());
  };
  // The board has 256 lines of AI RAM and 8 KiB of SRAM: 120 lines from line 256 on, and 96 x 96
  // weights.
  CHECK_THROWS_WITH(refused(40, 3), contains_text("of AI RAM: expected at most 16384"));
  CHECK_THROWS_WITH(refused(4, 96), contains_text("KPU layer 0") && contains_text("has 8192"));
}
