// SPDX-License-Identifier: Apache-2.0
//
// A debugger's session over a Unix socket, packet by packet: what GDB sends to look at, stop, step
// and continue two harts, how an end of the program is told, and what is not a packet.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "board/debug/gdb_server.h"
#include "tests/board/machine/board_bench.h"
#include "tests/support/catch2.h"

namespace kpu::board {
namespace {

/// The other side: sends packets and waits for the answers.
class Client {
 public:
  explicit Client(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void raw(const std::string& text) {
    REQUIRE(write(socket_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void send(const std::string& text) {
    unsigned sum = 0;
    for (const char c : text) {
      sum += static_cast<unsigned char>(c);
    }
    const char digits[] = "0123456789abcdef";
    raw("$" + text + "#" + digits[sum / 16 % 16] + digits[sum % 16]);
  }
  std::string receive() {
    std::string text;
    char byte = 0;
    while (read(socket_, &byte, 1) == 1 && byte != '$') {
    }
    while (read(socket_, &byte, 1) == 1 && byte != '#') {
      text += byte;
    }
    char sum[2];
    REQUIRE(read(socket_, sum, 2) == 2);
    return text;
  }
  std::string ask(const std::string& text) {
    send(text);
    return receive();
  }

 private:
  int socket_;
};

struct Debugged {
  explicit Debugged(std::uint64_t limit = 50'000'000) {
    char name[] = "/tmp/kpu-gdb-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    folder = name;
    server = std::make_unique<GdbServer>(folder + "/socket");
    // 00: li t0, 0;  04: addi t0, t0, 1;  08: j 04;  0c: j .
    board.program({0x0000'0293, 0x0012'8293, 0xFFDF'F06F, 0x0000'006F});
    thread = std::thread([this, limit] { end = server->serve(board.machine, limit); });
    client = std::make_unique<Client>(folder + "/socket");
  }
  ~Debugged() {
    client.reset();
    if (thread.joinable()) {
      thread.join();
    }
    server.reset();
    std::filesystem::remove_all(folder);
  }
  void finish() {
    client.reset();
    thread.join();
  }

  Board board;
  std::string folder;
  std::unique_ptr<GdbServer> server;
  std::unique_ptr<Client> client;
  std::thread thread;
  End end = End::Lost;
};

TEST_CASE("GDB: registers, memory, steps and breakpoints of both harts") {
  Debugged debugged;
  Client& gdb = *debugged.client;
  CHECK(gdb.ask("qSupported:swbreak+").find("qXfer:features:read+") != std::string::npos);
  CHECK(gdb.ask("?") == "T05thread:1;");
  CHECK(gdb.ask("qfThreadInfo") == "m1,2");
  CHECK(gdb.ask("qThreadExtraInfo,2") == "686172742031");  // "hart 1"
  CHECK(gdb.ask("p20") == "0000008000000000");
  CHECK(gdb.ask("g").size() == 33 * 16);
  CHECK(gdb.ask("m80000004,4") == "93821200");
  CHECK(gdb.ask("m3800000c,4") == "00000000");  // a register of UARTHS
  CHECK(gdb.ask("m90000000,4") == "E01");
  CHECK(gdb.ask("vCont;s:1;c") == "T05thread:1;");
  CHECK(gdb.ask("s") == "T05thread:1;");
  CHECK(gdb.ask("p5") == "0100000000000000");
  CHECK(gdb.ask("Z0,80000008,4") == "OK");
  CHECK(gdb.ask("c") == "T05thread:1;");
  CHECK(gdb.ask("p20") == "0800008000000000");
  CHECK(gdb.ask("p5") == "0100000000000000");
  CHECK(gdb.ask("c") == "T05thread:1;");
  CHECK(gdb.ask("p5") == "0200000000000000");
  CHECK(gdb.ask("P5=0010000000000000") == "OK");
  CHECK(gdb.ask("c") == "T05thread:1;");
  CHECK(gdb.ask("p5") == "0110000000000000");
  // Hart 1 has not moved; it steps by itself.
  CHECK(gdb.ask("Hg2") == "OK");
  CHECK(gdb.ask("p20") == "0000008000000000");
  CHECK(gdb.ask("vCont;s:2") == "T05thread:2;");
  CHECK(gdb.ask("p20") == "0400008000000000");
  // The loop's jump becomes one to the end: code is changed under the harts.
  CHECK(gdb.ask("z0,80000008,4") == "OK");
  CHECK(gdb.ask("M80000008,4:6f004000") == "OK");
  CHECK(gdb.ask("Z1,8000000c,4") == "OK");
  CHECK(gdb.ask("vCont;c").substr(0, 3) == "T05");
  CHECK(gdb.ask("p20") == "0c00008000000000");
  CHECK(gdb.ask("D") == "OK");
  debugged.finish();
  CHECK(debugged.end == End::Limit);
}

TEST_CASE("GDB: Ctrl-C stops what runs, even where time is skipped") {
  Debugged debugged(~std::uint64_t{0} / 4);
  Client& gdb = *debugged.client;
  gdb.send("c");
  gdb.raw("\x03");
  CHECK(gdb.receive() == "T02thread:1;");
  gdb.send("k");
  debugged.finish();
  CHECK(debugged.end == End::Asked);
}

TEST_CASE("GDB: a program that is lost stops as a fault, a limit ends the session") {
  SECTION("lost") {
    Debugged debugged;
    Client& gdb = *debugged.client;
    CHECK(gdb.ask("M80000000,4:00000000") == "OK");  // an illegal instruction, without a handler
    CHECK(gdb.ask("c") == "T0bthread:1;");
    CHECK(gdb.ask("p49") == "0100000000000000");  // mcause: nothing at address 0
  }
  SECTION("limit") {
    Debugged debugged(1'000'000);
    CHECK(debugged.client->ask("c") == "W00");
    debugged.finish();
    CHECK(debugged.end == End::Limit);
  }
}

TEST_CASE("GDB: what is no packet does no harm") {
  Debugged debugged(1'000'000);
  Client& gdb = *debugged.client;
  gdb.raw("noise$p5#00");  // a wrong checksum
  CHECK(gdb.ask("p5") == "0000000000000000");
  for (const char* const packet :
       {"", "p", "pffff", "P5", "m", "m80000000", "M80000000,4:zz", "G00", "Z9,80000000,4", "T3",
        "Hg7", "qXfer:features:read:target.xml:x", "vMustReplyEmpty", "P99=00"}) {
    const std::string answer = gdb.ask(packet);
    CHECK((answer.empty() || answer == "E01"));
  }
  std::string xml;
  for (std::string part = "m"; part[0] == 'm';) {
    char text[64];
    std::snprintf(text, sizeof text, "qXfer:features:read:target.xml:%zx,100", xml.size());
    part = gdb.ask(text);
    xml += part.substr(1);
  }
  CHECK(xml.find("riscv:rv64") != std::string::npos);
  CHECK(xml.substr(xml.size() - 10) == "</target>\n");
}

}  // namespace
}  // namespace kpu::board
