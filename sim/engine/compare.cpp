// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/compare.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/error.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/golden_backend.h"

namespace kpu::sim {
namespace {

/// Every stage of one output channel, by the golden model.
struct ChannelStages : golden::StageRecorder {
  explicit ChannelStages(std::uint32_t channel) : wanted(channel) {}

  void channel(std::uint32_t index, std::span<const std::int64_t> conv_values,
               std::span<const std::int64_t> norm_values,
               std::span<const std::uint8_t> act_values) override {
    if (index != wanted) return;
    conv.assign(conv_values.begin(), conv_values.end());
    norm.assign(norm_values.begin(), norm_values.end());
    act.assign(act_values.begin(), act_values.end());
  }

  std::uint32_t wanted;
  std::vector<std::int64_t> conv;
  std::vector<std::int64_t> norm;
  std::vector<std::uint8_t> act;
};

/// `args` without pooling, its output below line `ram_lines` where it does not touch the input;
/// nothing if there is no room.
std::optional<golden::LayerArgs> without_pooling(golden::LayerArgs args, std::size_t ram_lines) {
  args.pool_type = golden::kPoolBypass;
  args.first_stride = false;
  args.out_width = args.in_width;
  args.out_height = args.in_height;
  args.channel_byte_num = args.out_width * args.out_height;
  args.dma_total_byte = std::uint64_t{args.channel_byte_num} * args.out_channels;
  auto layout =
      golden::ImageLayout::standard(0, args.out_channels, args.out_height, args.out_width);
  const std::size_t after_input = args.input_layout().end_line();
  if (after_input + layout.end_line() <= ram_lines) {
    layout.base_line = static_cast<std::uint32_t>(after_input);
  } else if (layout.end_line() > std::min<std::size_t>(args.src_line, ram_lines)) {
    return std::nullopt;
  }
  args.dst_line = layout.base_line;
  args.out_line_channels = layout.line_channels;
  args.out_row_lines = layout.row_lines;
  args.out_group_lines = layout.group_lines;
  return args;
}

/// Value `y` of an activation that shows values around `centre`: y = value - centre + 128.
constexpr std::uint8_t kCentre = 128;

std::vector<std::uint8_t> window_act(std::int64_t centre) {
  golden::ActTable table{};
  table.fill({centre - kCentre, 1, 0, 0});
  const auto bytes = golden::encode_act_table(table);
  return {bytes.begin(), bytes.end()};
}

/// Batch norm that passes conv on as it is.
std::vector<std::uint8_t> identity_batch_norm(std::uint32_t channels) {
  const std::uint64_t word = golden::encode_batch_norm({1, 0, 0});
  std::vector<std::uint8_t> table;
  for (std::uint32_t c = 0; c < channels; ++c) {
    for (int byte = 0; byte < 8; ++byte) {
      table.push_back(static_cast<std::uint8_t>(word >> (8 * byte)));
    }
  }
  return table;
}

/// Index of a probe among the network's layers: nobody has asked for its waves.
constexpr std::size_t kNoLayer = std::numeric_limits<std::size_t>::max();

/// A suspect, and the layer that went wrong on it.
class Probes {
 public:
  Probes(golden::KpuBackend& suspect, const CapturedJob& job, std::uint32_t channel)
      : suspect_(suspect), job_(job), channel_(channel) {
    suspect.set_eight_bit_mode(job.eight_bit);
  }

  /// Runs the layer with these words and tables and returns the channel in question.
  std::vector<std::uint8_t> run(const golden::LayerArgs& args,
                                std::span<const std::uint8_t> batch_norm,
                                std::span<const std::uint8_t> act, bool to_main_memory) {
    golden::upload_image(suspect_, args.input_layout(), job_.input);
    golden::KpuJob again;
    again.layer = kNoLayer;
    again.words = golden::encode(args);
    again.tables = {job_.weights, batch_norm, act};
    again.to_main_memory = to_main_memory;
    const auto result = suspect_.run_layers({&again, 1}, {});
    const std::size_t plane = std::size_t{args.out_height} * args.out_width;
    const auto first =
        result.front().output.begin() + static_cast<std::ptrdiff_t>(channel_ * plane);
    return {first, first + static_cast<std::ptrdiff_t>(plane)};
  }

  /// The layer as it was, but for its output stream.
  std::vector<std::uint8_t> run(const golden::LayerArgs& args, bool to_main_memory) {
    return run(args, job_.batch_norm, job_.act, to_main_memory);
  }

 private:
  golden::KpuBackend& suspect_;
  const CapturedJob& job_;
  std::uint32_t channel_;
};

/// What window_act() around the expected value showed.
StageDifference shown(const char* stage, std::int64_t expected, std::uint8_t code) {
  StageDifference d;
  d.stage = stage;
  d.expected = expected;
  d.got = expected + code - kCentre;
  d.how = code == 0     ? StageDifference::Got::kAtMost
          : code == 255 ? StageDifference::Got::kAtLeast
                        : StageDifference::Got::kExact;
  return d;
}

/// Side of the window that a pooled value is made of.
std::uint32_t pool_window(const golden::LayerArgs& args) {
  return args.slides() ? 2 : args.stride();
}

/// The first value of a pooling window that the activation has wrong; nothing if there is none.
std::optional<std::size_t> first_wrong_value(const golden::LayerArgs& original,
                                             const Difference& difference,
                                             std::span<const std::uint8_t> expected,
                                             std::span<const std::uint8_t> got) {
  const std::uint32_t top = difference.row * original.stride();
  const std::uint32_t left = difference.column * original.stride();
  const std::uint32_t bottom = std::min(top + pool_window(original), original.in_height);
  const std::uint32_t right = std::min(left + pool_window(original), original.in_width);
  for (std::uint32_t y = top; y < bottom; ++y) {
    for (std::uint32_t x = left; x < right; ++x) {
      const std::size_t at = std::size_t{y} * original.in_width + x;
      if (got[at] != expected[at]) return at;
    }
  }
  return std::nullopt;
}

/// first_wrong_stage(), except that errors of the suspect come through.
std::optional<StageDifference> search_stage(const CapturedJob& job, golden::KpuBackend& suspect,
                                            const Difference& difference, std::size_t ram_lines) {
  const golden::LayerArgs original = golden::decode(job.words);
  if (!original.load_act || !original.load_para || !original.load_coor) return std::nullopt;
  Probes probes(suspect, job, difference.channel);

  StageDifference found;
  found.row = difference.row;
  found.column = difference.column;
  const std::size_t place = std::size_t{difference.row} * original.out_width + difference.column;
  const auto is_wrong = [&](bool to_main_memory) {
    found.expected = difference.expected;
    found.got = probes.run(original, to_main_memory)[place];
    return found.got != found.expected;
  };
  if (!is_wrong(job.to_main_memory)) return std::nullopt;
  const StageDifference streamed = found;
  if (job.to_main_memory && !is_wrong(false)) {
    found = streamed;
    found.stage = "output stream";
    return found;
  }

  const auto args = without_pooling(original, ram_lines);
  if (!args) return std::nullopt;
  ChannelStages stages(difference.channel);
  golden::LayerOptions options;
  options.eight_bit = job.eight_bit;
  options.recorder = &stages;
  golden::run_kpu_layer(*args, job.input, {job.weights, job.batch_norm, job.act}, options);
  const auto act = probes.run(*args, false);
  const auto wrong = first_wrong_value(original, difference, stages.act, act);
  if (!wrong) {
    const bool pooled = original.pool_type != golden::kPoolBypass || original.first_stride;
    found.stage = pooled ? "pooling" : "write-back";
    return found;
  }

  const auto norm =
      probes.run(*args, job.batch_norm, window_act(stages.norm[*wrong]), false)[*wrong];
  const auto conv = probes.run(*args, identity_batch_norm(args->out_channels),
                               window_act(stages.conv[*wrong]), false)[*wrong];
  if (norm == kCentre) {
    found.stage = "activation";
    found.expected = stages.act[*wrong];
    found.got = act[*wrong];
  } else if (conv == kCentre) {
    found = shown("batch norm", stages.norm[*wrong], norm);
  } else {
    found = shown("convolution", stages.conv[*wrong], conv);
  }
  found.row = static_cast<std::uint32_t>(*wrong / args->in_width);
  found.column = static_cast<std::uint32_t>(*wrong % args->in_width);
  return found;
}

}  // namespace

std::optional<Difference> find_difference(std::size_t index, const golden::LayerArgs& args,
                                          std::span<const std::uint8_t> expected,
                                          std::span<const std::uint8_t> got) {
  const std::size_t size = std::min(expected.size(), got.size());
  std::size_t first = size;
  std::size_t count = std::max(expected.size(), got.size()) - size;
  for (std::size_t i = size; i-- > 0;) {
    if (expected[i] != got[i]) {
      first = i;
      ++count;
    }
  }
  if (count == 0) return std::nullopt;
  const std::size_t plane = std::size_t{args.out_height} * args.out_width;
  const std::size_t image = plane * args.out_channels;
  Difference d;
  d.layer = index;
  d.batch = static_cast<std::uint32_t>(first / image);
  d.channel = static_cast<std::uint32_t>(first % image / plane);
  d.row = static_cast<std::uint32_t>(first % plane / args.out_width);
  d.column = static_cast<std::uint32_t>(first % args.out_width);
  d.expected = first < expected.size() ? expected[first] : std::uint8_t{0};
  d.got = first < got.size() ? got[first] : std::uint8_t{0};
  d.count = count;
  return d;
}

CapturedJob capture_job(const golden::Model& model,
                        const std::vector<std::vector<std::uint8_t>>& inputs, std::size_t layer,
                        std::uint32_t batch, const golden::Profile& profile) {
  golden::GoldenBackend golden;
  RecordingBackend backend(
      golden, [&](const golden::KpuJob& job) { return job.layer == layer && job.batch == batch; });
  golden::RunOptions options;
  options.profile = profile;
  options.max_kpu_layers = layer + 1;
  golden::run_network(model, inputs, backend, options);
  std::vector<CapturedJob> jobs = backend.take();
  return jobs.empty() ? CapturedJob{} : std::move(jobs.front());
}

std::optional<StageDifference> first_wrong_stage(const CapturedJob& job,
                                                 golden::KpuBackend& suspect,
                                                 const Difference& difference,
                                                 std::size_t ram_lines) {
  try {
    return search_stage(job, suspect, difference, ram_lines);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace kpu::sim
