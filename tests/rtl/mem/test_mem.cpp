// SPDX-License-Identifier: Apache-2.0
//
// AI RAM with its arbiter and AXI4 slave, in the widths 64 and 16 lanes, and 128 and 256, whose words begin at any line.
//
// Covered: every byte through AXI4 at random addresses, lengths and stalls; narrow beats; refused
// accesses; all five clients at once, each in its part of the memory, so that every value they see
// is known; that nobody starves; the rates the headers promise.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

#include "tb/random.h"
#include "tests/rtl/mem/mem_bench.h"

namespace kpu::test {
namespace {

// Words whose right neighbour is in the lower half, too.
constexpr std::uint32_t kReadWords = kWords / 2 - kSpan;

Bytes random_bytes(tb::Random& random, std::size_t size) {
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next() >> 56);
  return bytes;
}

TEST_CASE("AXI4 writes and reads every byte at any address and length") {
  const std::uint32_t stall = GENERATE(0u, 40u);
  CAPTURE(stall);
  tb::Random random(stall + 1);
  MemBench bench;
  bench.axi.set_stalls(stall, 7);

  Bytes expected = random_bytes(random, kRamBytes);
  bench.axi.write(0, expected);
  for (int i = 0; i < 200; ++i) {
    const std::uint32_t size = 1 + random.below(i % 10 == 0 ? 3000 : 40);
    const std::uint32_t address = random.below(static_cast<std::uint32_t>(kRamBytes) - size);
    const Bytes bytes = random_bytes(random, size);
    std::copy(bytes.begin(), bytes.end(), expected.begin() + address);
    bench.axi.write(address, bytes);
    Bytes back(size);
    bench.axi.read(address, back);
    REQUIRE(back == bytes);
  }
  REQUIRE(bench.peek() == expected);
}

TEST_CASE("Narrow beats change their bytes only") {
  MemBench bench;
  Bytes expected(kRamBytes);
  bench.axi.write(0, expected);
  for (std::uint32_t address = 56; address < 72; ++address) {
    const auto value = static_cast<std::uint8_t>(0xA0 + address);
    const unsigned byte = address % 8;
    REQUIRE(bench.write_beat(address, 0, 1, std::uint64_t{value} << (8 * byte),
                             static_cast<std::uint8_t>(1u << byte)) == tb::kOkay);
    expected[address] = value;
    REQUIRE(bench.peek() == expected);
  }
}

TEST_CASE("Bursts of narrow beats") {
  tb::Random random(3);
  MemBench bench;
  Bytes expected = random_bytes(random, kRamBytes);
  bench.axi.write(0, expected);
  for (int i = 0; i < 400; ++i) {
    const auto size = static_cast<std::uint8_t>(random.below(4));
    const std::uint32_t step = 1u << size;
    const std::uint32_t address = random.below(kRamBytes - 200 * step);
    std::vector<std::uint64_t> data(1 + random.below(i % 8 == 0 ? 200 : 20));
    std::vector<std::uint8_t> strobes(data.size());
    CAPTURE(i, step, address, data.size());
    // The first beat ends at a multiple of the step; each beat has its bytes where a whole word has them.
    std::uint32_t at = address;
    for (std::size_t beat = 0; beat < data.size(); ++beat) {
      data[beat] = random.next();
      for (const std::uint32_t end = at / step * step + step; at < end; ++at) {
        if (random.chance(20)) continue;
        strobes[beat] = static_cast<std::uint8_t>(strobes[beat] | 1u << at % 8);
        expected[at] = static_cast<std::uint8_t>(data[beat] >> 8 * (at % 8));
      }
    }
    REQUIRE(bench.write_burst(address, size, 1, data, strobes) == tb::kOkay);
    REQUIRE(bench.read_burst(address, size, data) == tb::kOkay);
    at = address;
    for (const std::uint64_t beat : data) {
      for (const std::uint32_t end = at / step * step + step; at < end; ++at) {
        REQUIRE(static_cast<std::uint8_t>(beat >> 8 * (at % 8)) == expected[at]);
      }
    }
  }
  REQUIRE(bench.peek() == expected);
}

TEST_CASE("What the slave refuses is answered with an error and changes nothing") {
  MemBench bench;
  const Bytes zeros(kRamBytes);
  bench.axi.write(0, zeros);
  std::uint64_t data = 1;
  CHECK(bench.write_beat(kRamBytes, 3, 1, ~std::uint64_t{0}, 0xFF) == tb::kSlaveError);
  CHECK(bench.write_beat(0, 4, 1, ~std::uint64_t{0}, 0xFF) == tb::kSlaveError);
  CHECK(bench.read_beat(kRamBytes + 8, data) == tb::kSlaveError);
  CHECK(data == 0);
  CHECK(bench.peek() == zeros);
  // The next accesses are served.
  CHECK(bench.write_beat(8, 3, 1, 0x0123456789ABCDEF, 0xFF) == tb::kOkay);
  CHECK(bench.read_beat(8, data) == tb::kOkay);
  CHECK(data == 0x0123456789ABCDEF);
}

TEST_CASE("AXI4 moves eight bytes a cycle when nobody else wants the RAM") {
  MemBench bench;
  Bytes bytes(kRamBytes);
  const std::uint64_t start = bench.clock.cycles();
  bench.axi.write(0, bytes);
  const std::uint64_t written = bench.clock.cycles();
  bench.axi.read(0, bytes);
  const std::uint64_t read = bench.clock.cycles();
  CHECK(written - start <= kRamBytes / 8 * 101 / 100 + 20);
  CHECK(read - written <= kRamBytes / 8 * 101 / 100 + 20);
}

/// Line fetch, output stream and write-back with random requests, beside whatever AXI4 does.
/// Readers use the lower half, which holds `pattern` and never changes; write-back the third quarter.
class Clients {
 public:
  Clients(MemBench& bench, const Bytes& pattern, std::uint32_t stall)
      : top_(bench.top), pattern_(pattern), stall_(stall), random_(stall + 5), written_(kRamBytes) {}

  void drive() {
    if (!top_.conv_rd_valid_i && !random_.chance(stall_)) {
      top_.conv_rd_valid_i = 1;
      top_.conv_rd_addr_i = random_.below(kReadWords);
    }
    if (!top_.str_rd_valid_i && random_.chance(30)) {
      top_.str_rd_valid_i = 1;
      top_.str_rd_addr_i = random_.below(kReadWords);
    }
    if (!top_.wb_wr_valid_i && random_.chance(60)) {
      top_.wb_wr_valid_i = 1;
      top_.wb_wr_addr_i = kWords / 2 + random_.below(kWords / 4 - (kSpan - 1));
      random_fill(&top_.wb_wr_data_i, kWordBytes);
      random_fill(&top_.wb_wr_be_i, kWordBytes / 8);
    }
    top_.conv_rsp_ready_i = !random_.chance(stall_);
  }

  void sample() {
    if (top_.conv_rsp_valid_o && top_.conv_rsp_ready_i) {
      REQUIRE_FALSE(conv_.empty());
      check_word(conv_.front());
      conv_.pop_front();
      ++conv_words;
    }
    if (top_.str_rsp_valid_o) {
      REQUIRE_FALSE(stream_.empty());
      check_word(stream_.front());
      stream_.pop_front();
      ++stream_words;
    }
    conv_taken_ = top_.conv_rd_valid_i && top_.conv_rd_ready_o;
    stream_taken_ = top_.str_rd_valid_i && top_.str_rd_ready_o;
    write_taken_ = top_.wb_wr_valid_i && top_.wb_wr_ready_o;
    if (conv_taken_) conv_.push_back(top_.conv_rd_addr_i);
    if (stream_taken_) stream_.push_back(top_.str_rd_addr_i);
    if (write_taken_) note_write();
    stream_wait_ = top_.str_rd_valid_i && !stream_taken_ ? stream_wait_ + 1 : 0;
    longest_stream_wait = std::max(longest_stream_wait, stream_wait_);
  }

  void advance() {
    if (conv_taken_) top_.conv_rd_valid_i = 0;
    if (stream_taken_) top_.str_rd_valid_i = 0;
    if (write_taken_) top_.wb_wr_valid_i = 0;
  }

  /// What write-back has put into the third quarter, and where.
  const Bytes& written() const { return written_; }

  std::uint64_t conv_words = 0;
  std::uint64_t stream_words = 0;
  std::uint32_t longest_stream_wait = 0;

 private:
  void random_fill(void* data, std::size_t size) {
    const Bytes bytes = random_bytes(random_, size);
    std::memcpy(data, bytes.data(), size);
  }

  void check_word(std::uint32_t word) const {
    const std::size_t first = word * kStepBytes;
    REQUIRE(std::memcmp(&top_.rd_data_o, &pattern_[first], kWordBytes) == 0);
    REQUIRE(top_.rd_right_o == pattern_[first + kWordBytes]);
    if (word > 0) REQUIRE(top_.rd_left_o == pattern_[first - 1]);
  }

  void note_write() {
    Bytes data(kWordBytes);
    Bytes enables(kWordBytes / 8);
    std::memcpy(data.data(), &top_.wb_wr_data_i, data.size());
    std::memcpy(enables.data(), &top_.wb_wr_be_i, enables.size());
    for (std::size_t b = 0; b < kWordBytes; ++b) {
      if ((enables[b / 8] >> (b % 8) & 1) != 0) {
        written_[top_.wb_wr_addr_i * kStepBytes + b] = data[b];
      }
    }
  }

  Vkpu_ai_mem& top_;
  const Bytes& pattern_;
  std::uint32_t stall_;
  tb::Random random_;
  Bytes written_;
  std::deque<std::uint32_t> conv_;
  std::deque<std::uint32_t> stream_;
  bool conv_taken_ = false;
  bool stream_taken_ = false;
  bool write_taken_ = false;
  std::uint32_t stream_wait_ = 0;
};

/// The bench's clock with the clients on it, for an AXI master beside them.
class BusyClock final : public tb::Clock {
 public:
  BusyClock(tb::Clock& clock, Clients& clients) : clock_(clock), clients_(clients) {}
  void settle() override {
    clients_.drive();
    clock_.settle();
    clients_.sample();
  }
  void edge() override {
    clock_.edge();
    clients_.advance();
  }
  std::uint64_t cycles() const override { return clock_.cycles(); }

 private:
  tb::Clock& clock_;
  Clients& clients_;
};

TEST_CASE("All clients at once see and leave the right bytes, and none starves") {
  const std::uint32_t stall = GENERATE(0u, 30u, 70u);
  CAPTURE(stall);
  tb::Random random(stall + 11);
  MemBench bench;
  Bytes expected = random_bytes(random, kRamBytes);
  std::fill(expected.begin() + kRamBytes / 2, expected.end(), std::uint8_t{0});
  bench.axi.write(0, expected);

  Bytes pattern = expected;
  Clients clients(bench, pattern, stall);
  BusyClock busy(bench.clock, clients);
  tb::AxiMaster axi(bench.read_port(), bench.write_port(), busy);
  axi.set_stalls(stall, 3);
  constexpr std::uint32_t kLast = kRamBytes / 4 * 3;
  const std::uint64_t start = busy.cycles();
  for (int i = 0; i < 60; ++i) {
    const std::uint32_t size = 1 + random.below(2000);
    const std::uint32_t address = random.below(kRamBytes / 4 - size);
    const Bytes bytes = random_bytes(random, size);
    std::copy(bytes.begin(), bytes.end(), expected.begin() + kLast + address);
    axi.write(kLast + address, bytes);
    Bytes back(size);
    axi.read(address, back);
    REQUIRE(std::equal(back.begin(), back.end(), expected.begin() + address));
  }
  const std::uint64_t cycles = busy.cycles() - start;
  bench.top.wb_wr_valid_i = 0;  // no write more, and the last one that was taken reaches the memory
  bench.clock.settle();
  bench.clock.edge();
  const Bytes ram = bench.peek();
  for (std::size_t i = kRamBytes / 2; i < kLast; ++i) REQUIRE(ram[i] == clients.written()[i]);
  for (std::size_t i = kLast; i < kRamBytes; ++i) REQUIRE(ram[i] == expected[i]);

  CHECK(clients.longest_stream_wait <= 16);
  if (stall == 0) CHECK(clients.conv_words >= cycles * 85 / 100);
  CHECK(clients.stream_words > cycles / 25);
}

// All of them at a few words, so that reads and writes of a word meet all the time: a read sees what was written
// before its cycle, and neither side waits long.
TEST_CASE("A word is not read in the cycle in which it is written") {
  constexpr std::uint32_t kFew = 3;
  constexpr std::uint32_t kLongest = 24;  // the age limit, and a cycle for each meeting
  tb::Random random(77);
  MemBench bench;
  Vkpu_ai_mem& top = bench.top;
  Bytes shadow = random_bytes(random, kRamBytes);
  bench.axi.write(0, shadow);
  Bytes stream_word;
  std::uint32_t meetings = 0, conv_wait = 0, stream_wait = 0, write_wait = 0;
  const auto word_at = [&](std::uint32_t word) {
    const auto first = shadow.begin() + static_cast<std::ptrdiff_t>(word * kStepBytes);
    return Bytes(first, first + static_cast<std::ptrdiff_t>(kWordBytes));
  };
  const auto same = [&](const Bytes& word) { return std::memcmp(&top.rd_data_o, word.data(), kWordBytes) == 0; };
  for (int cycle = 0; cycle < 20000; ++cycle) {
    if (!top.conv_rd_valid_i && random.chance(60)) {
      top.conv_rd_valid_i = 1;
      top.conv_rd_addr_i = random.below(kFew);
    }
    if (!top.str_rd_valid_i && random.chance(40)) {
      top.str_rd_valid_i = 1;
      top.str_rd_addr_i = random.below(kFew);
    }
    if (!top.wb_wr_valid_i && random.chance(90)) {
      top.wb_wr_valid_i = 1;
      top.wb_wr_addr_i = random.below(kFew);
      std::memset(&top.wb_wr_be_i, 0xFF, kWordBytes / 8);
      const Bytes data = random_bytes(random, kWordBytes);
      std::memcpy(&top.wb_wr_data_i, data.data(), data.size());
    }
    top.conv_rsp_ready_i = random.chance(70);
    bench.clock.settle();
    if (top.str_rsp_valid_o) REQUIRE(same(stream_word));
    const bool conv = top.conv_rd_valid_i && top.conv_rd_ready_o;
    const bool stream = top.str_rd_valid_i && top.str_rd_ready_o;
    const bool write = top.wb_wr_valid_i && top.wb_wr_ready_o;
    meetings += write && top.str_rd_valid_i && !stream && top.str_rd_addr_i == top.wb_wr_addr_i;
    if (stream) stream_word = word_at(top.str_rd_addr_i);
    if (write) std::memcpy(&shadow[top.wb_wr_addr_i * kStepBytes], &top.wb_wr_data_i, kWordBytes);
    conv_wait = top.conv_rd_valid_i && !conv && top.conv_rsp_ready_i ? conv_wait + 1 : 0;
    stream_wait = top.str_rd_valid_i && !stream ? stream_wait + 1 : 0;
    write_wait = top.wb_wr_valid_i && !write ? write_wait + 1 : 0;
    REQUIRE(std::max({conv_wait, stream_wait, write_wait}) <= kLongest);
    bench.clock.edge();
    if (conv) top.conv_rd_valid_i = 0;
    if (stream) top.str_rd_valid_i = 0;
    if (write) top.wb_wr_valid_i = 0;
  }
  CHECK(meetings > 100);
}

TEST_CASE("Clearing drops what line fetch and output stream asked for") {
  MemBench bench;
  Vkpu_ai_mem& top = bench.top;
  top.conv_rd_valid_i = 1;
  top.conv_rd_addr_i = 3;
  bench.clock.settle();
  REQUIRE(top.conv_rd_ready_o);
  bench.clock.edge();
  top.conv_rd_valid_i = 0;
  bench.clock.settle();
  REQUIRE(top.conv_rsp_valid_o);
  top.clear_i = 1;
  bench.clock.settle();
  bench.clock.edge();
  top.clear_i = 0;
  for (int i = 0; i < 5; ++i) {
    bench.clock.settle();
    CHECK_FALSE(top.conv_rsp_valid_o);
    CHECK_FALSE(top.str_rsp_valid_o);
    bench.clock.edge();
  }
}

}  // namespace
}  // namespace kpu::test
