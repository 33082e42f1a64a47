// SPDX-License-Identifier: Apache-2.0
#include "board/cli/session.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>

#include "board/machine/boot.h"
#include "common/bits.h"
#include "common/error.h"
#include "common/files.h"
#include "common/fnv1a.h"
#include "golden/kpu/layer_args.h"
#include "sim/vision/image.h"
#include "sim/vision/image_io.h"

namespace kpu::board {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;
/// Resets by software that are followed; a program that does nothing else must end.
constexpr unsigned kMaxResets = 3;
/// Cycles between two looks at the terminal.
constexpr std::uint64_t kTerminalPeriod = 2 * kMillion;
constexpr char kInteractiveEnd = 0x1D;  // Ctrl-]

CameraSensor::Kind sensor_kind(const std::string& name) {
  return name == "ov5640"   ? CameraSensor::Kind::Ov5640
         : name == "gc0328" ? CameraSensor::Kind::Gc0328
                            : CameraSensor::Kind::Ov2640;
}

const char* end_text(End end) {
  switch (end) {
    case End::Limit:
      return "limit reached";
    case End::Asked:
      return "done";
    case End::Break:
      return "at a breakpoint";
    case End::Reset:
      return "software reset the chip again and again";
    case End::Lost:
      return "lost: the trap handler traps";
    case End::Asleep:
      return "asleep: both harts wait and nothing will wake them";
    default:
      return "unknown register";
  }
}

Picture to_picture(const sim::Image& image) {
  Picture picture(static_cast<unsigned>(image.width), static_cast<unsigned>(image.height));
  picture.rgb = image.data;
  return picture;
}

}  // namespace

Session::Session(const SessionOptions& options, const MakeAccelerator& accelerator)
    : options_(options), accelerator_(accelerator) {
  load_pictures();
  open_trace();
  power_on();
  load_firmware(*machine_, read_file(options.firmware), options.firmware);
  load_flash_files();
  if (!options.repl.empty()) {
    const std::vector<std::uint8_t> script = read_file(options.repl);
    repl_.emplace(
        std::string(script.begin(), script.end()),
        [this](const std::string& text) { machine_->type(text); }, [this] { machine_->stop(); });
  }
  if (!options.gdb.empty()) {
    if (options.interactive) {
      throw Error("--gdb together with --interactive: expected one of them");
    }
    debugger_.emplace(options.gdb);
    std::fprintf(
        stderr, "waiting for GDB: target remote %s\n",
        (options.gdb.find('/') == std::string::npos ? "localhost:" + options.gdb : options.gdb)
            .c_str());
  }
  if (!options.lcd_frames.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.lcd_frames, error);
    if (error) {
      throw Error(options.lcd_frames + ": " + error.message());
    }
  }
}

Session::~Session() = default;

void Session::power_on() {
  machine_.reset();  // one simulated design at a time
  machine_ = std::make_unique<Machine>(accelerator_,
                                       MachineOptions{.lcd_pin = options_.lcd_pin,
                                                      .i2c_sensors = {sensor_kind(options_.sensor)},
                                                      .strict = options_.strict});
  machine_->dvp().set_source([this]() -> const Picture& { return next_picture(); });
  machine_->console().set_sink([this](const std::string&, char c) { printed(c); });
  machine_->lcd().on_picture([this](const Picture& picture) { show(picture); });
  machine_->accelerator().set_layer_observer(
      [this](const LayerReport& layer) { layers_.push_back(layer); });
  if (trace_) {
    machine_->set_trace([this](std::string_view line) {
      std::fwrite(line.data(), 1, line.size(), trace_.get());
      std::fputc('\n', trace_.get());
    });
    machine_->trace_instructions(options_.trace_from, options_.trace_count);
  }
}

void Session::reboot() {
  const std::span<const std::uint8_t> old = machine_->flash().bytes();
  const std::vector<std::uint8_t> flash(old.begin(), old.end());
  spent_ += machine_->now();
  ++resets_;
  power_on();
  load_firmware(*machine_, flash, "flash after a reset");
}

void Session::load_flash_files() {
  for (const std::string& item : options_.flash) {
    const std::size_t equals = item.find('=');
    char* end = nullptr;
    const std::uint64_t address = std::strtoull(item.c_str(), &end, 0);
    if (equals == std::string::npos || end != item.c_str() + equals || equals == 0) {
      throw Error(fmt::format("--flash {}: expected ADDRESS=FILE", item));
    }
    const std::string path = item.substr(equals + 1);
    load_flash(*machine_, address, read_file(path), path);
  }
}

void Session::load_pictures() {
  std::vector<std::string> paths;
  if (std::filesystem::is_directory(options_.camera)) {
    for (const auto& entry : std::filesystem::directory_iterator(options_.camera)) {
      if (entry.is_regular_file()) {
        paths.push_back(entry.path().string());
      }
    }
    std::sort(paths.begin(), paths.end());
  } else if (!options_.camera.empty()) {
    paths.push_back(options_.camera);
  }
  for (const std::string& path : paths) {
    pictures_.push_back(to_picture(sim::load_image(path, 3)));
  }
  if (pictures_.empty()) {
    pictures_.emplace_back(320, 240, std::uint8_t{128});
  }
}

const Picture& Session::next_picture() {
  const Picture& picture = pictures_[next_picture_];
  next_picture_ = (next_picture_ + 1) % pictures_.size();
  return picture;
}

void Session::printed(char character) {
  serial_ += character;
  if (!options_.quiet) {
    std::fputc(character, stdout);
    if (character == '\n' || options_.interactive) {
      std::fflush(stdout);
    }
  }
  if (repl_) {
    repl_->printed(character);
  }
}

void Session::save_panel(const std::string& path, const Picture& picture) const {
  sim::Image image(static_cast<int>(picture.width), static_cast<int>(picture.height), 3);
  image.data = picture.rgb;
  sim::save_png(path, image);
}

void Session::show(const Picture& picture) {
  if (!options_.lcd_frames.empty()) {
    save_panel(fmt::format("{}/lcd{:04}.png", options_.lcd_frames, shown_), picture);
  }
  ++shown_;
  if (options_.frames != 0 && shown_ >= options_.frames) {
    last_ = picture;
    machine_->stop();
  }
}

void Session::open_trace() {
  if (options_.trace.empty()) {
    return;
  }
  trace_.reset(std::fopen(options_.trace.c_str(), "w"));
  if (!trace_) {
    throw Error(options_.trace + ": cannot be written");
  }
}

bool Session::poll_terminal() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  char text[256];
  if (poll(&input, 1, 0) > 0) {
    const ssize_t count = read(STDIN_FILENO, text, sizeof text);
    if (count <= 0 || std::find(text, text + count, kInteractiveEnd) != text + count) {
      return false;
    }
    std::replace(text, text + count, '\n', '\r');
    machine_->type(std::string(text, static_cast<std::size_t>(count)));
  }
  return true;
}

int Session::run() {
  const std::uint64_t last = options_.limit * kMillion;
  End end = End::Limit;
  bool typing = true;
  while (end == End::Limit && spent_ + machine_->now() < last && typing) {
    const std::uint64_t left = last - spent_ - machine_->now();
    end = debugger_ ? debugger_->serve(*machine_, left)
                    : machine_->run(options_.interactive ? kTerminalPeriod : left);
    if (end == End::Reset && resets_ < kMaxResets) {
      reboot();
      end = End::Limit;
    }
    typing = !options_.interactive || poll_terminal();
  }
  machine_->accelerator().finish();
  const Picture panel = last_ ? *last_ : machine_->lcd().picture();
  if (!options_.lcd.empty()) {
    save_panel(options_.lcd, panel);
  }
  if (options_.digest) {
    print_digest(panel);
  }
  if (!options_.lcd_frames.empty() && machine_->lcd().has_news()) {
    save_panel(fmt::format("{}/lcd{:04}.png", options_.lcd_frames, shown_),
               machine_->lcd().picture());
  }
  if (!options_.serial.empty()) {
    write_file(options_.serial, serial_.data(), serial_.size());
  }
  if (!options_.save_flash.empty()) {
    const auto flash = machine_->flash().bytes();
    write_file(options_.save_flash, flash.data(), flash.size());
  }
  report(end);
  return end == End::Lost || end == End::Unknown ? 3 : 0;
}

void Session::print_digest(const Picture& panel) const {
  const auto* const text = reinterpret_cast<const std::uint8_t*>(serial_.data());
  std::uint64_t outputs = kFnvOffset;
  for (const LayerReport& layer : layers_) {
    std::array<std::uint8_t, 8> bytes{};
    store_le<std::uint64_t>(bytes, 0, layer.checksum);
    outputs = fnv1a64(bytes, outputs);
  }
  fmt::print("serial {:016x} panel {:016x} layers {} {:016x} pictures {}\n",
             fnv1a64(std::span(text, serial_.size())), fnv1a64(panel.rgb), layers_.size(), outputs,
             shown_);
}

void Session::report(End end) {
  if (options_.layers) {
    fmt::print("{:>6} {:>12} {:>10} {:>12} {:>10} {:>18}  {}\n", "layer", "pc", "start", "cycles",
               "input", "output's fnv1a64", "problem");
    for (const LayerReport& layer : layers_) {
      const golden::LayerArgs args = golden::decode(layer.words);
      fmt::print("{:>6} {:>#12x} {:>10} {:>12} {:>10} {:>#18x}  {}\n", layer.index, layer.pushed_by,
                 layer.start, layer.cycles,
                 fmt::format("{}x{}x{}", args.in_channels, args.in_height, args.in_width),
                 layer.checksum, layer.problem);
    }
  }
  if (options_.quiet && end != End::Lost) {
    return;
  }
  fmt::print(
      stderr,
      "\n{}: {} million cycles of hart 0 after {} resets ({} executed), {} layers, {} camera "
      "frames, {} pictures on the LCD\n",
      end_text(end), machine_->now() / kMillion, resets_,
      machine_->hart(0).instructions() / kMillion, layers_.size(), machine_->dvp().frames(),
      shown_);
  for (const std::string& line : machine_->unknown_registers()) {
    fmt::print(stderr, "unknown register: {}\n", line);
  }
  if (end == End::Lost || end == End::Asleep || end == End::Unknown) {
    fmt::print(stderr, "{}", machine_->describe());
  }
}

}  // namespace kpu::board
