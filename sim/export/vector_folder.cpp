// SPDX-License-Identifier: Apache-2.0
#include "sim/export/vector_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <system_error>
#include <utility>

#include "common/error.h"
#include "common/files.h"
#include "sim/export/shipped_files.h"
#include "sim/text/layer_text.h"

namespace kpu::sim {
namespace {

constexpr std::size_t kWordBytes = 8;
constexpr std::size_t kLineWords = kLineBytes / kWordBytes;

std::size_t words_of(std::span<const std::uint8_t> bytes) {
  return (bytes.size() + kWordBytes - 1) / kWordBytes;
}

/// Word `index`, little endian, zeros behind the end.
std::uint64_t word_at(std::span<const std::uint8_t> bytes, std::size_t index) {
  std::uint64_t word = 0;
  for (std::size_t b = 0; b < kWordBytes && index * kWordBytes + b < bytes.size(); ++b) {
    word |= std::uint64_t{bytes[index * kWordBytes + b]} << (8 * b);
  }
  return word;
}

/// A word a line, as $readmemh reads it.
std::string hex_words(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (std::size_t i = 0; i < words_of(bytes); ++i) {
    text += fmt::format("{:016x}\n", word_at(bytes, i));
  }
  return text;
}

/// The same with a byte in front whose bits tell which bytes of the word count.
std::string hex_masked(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> counts) {
  std::string text;
  for (std::size_t i = 0; i < words_of(bytes); ++i) {
    unsigned mask = 0;
    for (std::size_t b = 0; b < kWordBytes; ++b) {
      mask |= static_cast<unsigned>(counts[i * kWordBytes + b]) << b;
    }
    text += fmt::format("{:02x}{:016x}\n", mask, word_at(bytes, i));
  }
  return text;
}

/// The layer words, and what the bench must know beside them.
std::string layer_file(const VectorJob& job) {
  std::string text;
  for (std::size_t i = 0; i < job.words.size(); ++i) {
    text += fmt::format("{:016x}  // layer word {}\n", job.words[i], i);
  }
  const std::array<std::pair<const char*, std::size_t>, 7> fields{{
      {"eight_bit_mode", job.eight_bit ? 1 : 0},
      {"words of parameters", words_of(job.parameters)},
      {"first word of the input in AI RAM", job.input.first_line * kLineWords},
      {"words of the input", words_of(job.input.bytes)},
      {"first word of the output in AI RAM", job.output.first_line * kLineWords},
      {"words of the output", words_of(job.output.bytes)},
      {"words of the output stream", words_of(job.stream)},
  }};
  for (const auto& [name, value] : fields) text += fmt::format("{:016x}  // {}\n", value, name);
  return text;
}

}  // namespace

VectorFolder::VectorFolder(const std::string& path) : path_(path) {
  std::error_code failure;
  if (path_.filename().empty()) path_ = path_.parent_path();  // "folder/"
  if (std::filesystem::exists(path_, failure) && !std::filesystem::is_empty(path_, failure)) {
    throw Error(fmt::format("{}: expected a folder that does not exist yet or is empty", path));
  }
  draft_ = path_;
  draft_ += fmt::format(".draft-{}", getpid());
  if (!std::filesystem::create_directories(draft_, failure)) {
    throw Error(fmt::format("{}: cannot be created: {}", draft_.string(), failure.message()));
  }
}

VectorFolder::~VectorFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(draft_, ignored);
}

void VectorFolder::write(const std::string& name, const std::string& text) const {
  write_file((draft_ / name).string(), text);
}

void VectorFolder::add(const VectorJob& job) {
  const std::string name = fmt::format("job{:03}", jobs());
  write(name + "_layer.hex", layer_file(job));
  write(name + "_params.hex", hex_words(job.parameters));
  write(name + "_input.hex", hex_words(job.input.bytes));
  write(name + "_output.hex", hex_masked(job.output.bytes, job.counts));
  write(name + "_stream.hex", hex_words(job.stream));
  longest_parameters_ = std::max(longest_parameters_, words_of(job.parameters));
  longest_image_ =
      std::max({longest_image_, words_of(job.input.bytes), words_of(job.output.bytes)});
  longest_stream_ = std::max(longest_stream_, words_of(job.stream));
  list_.push_back({{"job", jobs()},
                   {"layer", job.layer},
                   {"batch", job.batch},
                   {"in", input_shape(job.args)},
                   {"out", output_shape(job.args)},
                   {"kernel", kernel_name(job.args)},
                   {"depthwise", job.args.depthwise},
                   {"pool", pool_name(job.args.pool_type)},
                   {"eight_bit", job.eight_bit},
                   {"stream", !job.stream.empty()}});
}

void VectorFolder::finish(const std::string& model, const std::string& input) {
  write("kpu_vectors.svh",
        fmt::format("// Sizes for kpu_vectors_bench.sv.\n"
                    "localparam integer Jobs = {}, ParamWords = {}, ImageWords = {}, "
                    "StreamWords = {};\n",
                    jobs(), longest_parameters_, longest_image_, longest_stream_));
  write("jobs.json",
        nlohmann::ordered_json{{"model", model}, {"input", input}, {"jobs", list_}}.dump(1) + "\n");
  for (const ShippedFile& file : shipped_files()) write(file.name, file.text);
  std::error_code failure;
  std::filesystem::rename(draft_, path_, failure);
  if (failure) {
    throw Error(fmt::format("{}: cannot be created: {}", path_.string(), failure.message()));
  }
}

}  // namespace kpu::sim
