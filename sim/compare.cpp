// SPDX-License-Identifier: Apache-2.0
#include "sim/compare.h"

#include <algorithm>

#include "golden/ai_ram.h"
#include "golden/golden_backend.h"
#include "golden/network.h"

namespace kpu::sim {
namespace {

/// The golden backend, which also keeps one job as it starts.
class CapturingBackend : public golden::GoldenBackend {
 public:
  CapturingBackend(std::size_t layer, std::uint32_t batch) : layer_(layer), batch_(batch) {}

  void set_eight_bit_mode(bool eight_bit) override {
    captured_.eight_bit = eight_bit;
    GoldenBackend::set_eight_bit_mode(eight_bit);
  }

  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver& observer) override {
    std::vector<golden::KpuJobResult> results;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (jobs[i].layer == layer_ && jobs[i].batch == batch_) capture(jobs[i]);
      results.push_back(std::move(GoldenBackend::run_layers(jobs.subspan(i, 1), {}).front()));
      if (observer) observer(i, results.back());
    }
    return results;
  }

  CapturedJob take() { return std::move(captured_); }

 private:
  void capture(const golden::KpuJob& job) {
    captured_.words = job.words;
    captured_.input = golden::download_image(*this, golden::decode(job.words).input_layout());
    captured_.weights.assign(job.tables.weights.begin(), job.tables.weights.end());
    captured_.batch_norm.assign(job.tables.batch_norm.begin(), job.tables.batch_norm.end());
    captured_.act.assign(job.tables.act.begin(), job.tables.act.end());
  }

  std::size_t layer_;
  std::uint32_t batch_;
  CapturedJob captured_;
};

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

/// `args` without pooling, its output where it does not touch the input; nothing if AI RAM is too
/// small for both.
std::optional<golden::LayerArgs> without_pooling(golden::LayerArgs args) {
  args.pool_type = golden::kPoolBypass;
  args.first_stride = false;
  args.out_width = args.in_width;
  args.out_height = args.in_height;
  args.channel_byte_num = args.out_width * args.out_height;
  args.dma_total_byte = std::uint64_t{args.channel_byte_num} * args.out_channels;
  auto layout =
      golden::ImageLayout::standard(0, args.out_channels, args.out_height, args.out_width);
  const std::size_t after_input = args.input_layout().end_line();
  if (after_input + layout.end_line() <= golden::kAiRamLines) {
    layout.base_line = static_cast<std::uint32_t>(after_input);
  } else if (layout.end_line() > args.src_line) {
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

/// Runs the layer with other tables and returns one channel of the output.
std::vector<std::uint8_t> probe(golden::KpuBackend& suspect, const golden::LayerArgs& args,
                                const CapturedJob& job, std::span<const std::uint8_t> batch_norm,
                                std::span<const std::uint8_t> act, std::uint32_t channel) {
  golden::upload_image(suspect, args.input_layout(), job.input);
  golden::KpuJob again;
  again.words = golden::encode(args);
  again.tables = {job.weights, batch_norm, act};
  const auto result = suspect.run_layers({&again, 1}, {});
  const std::size_t plane = std::size_t{args.out_height} * args.out_width;
  const auto first = result.front().output.begin() + static_cast<std::ptrdiff_t>(channel * plane);
  return {first, first + static_cast<std::ptrdiff_t>(plane)};
}

/// Side of the window that a pooled value is made of.
std::uint32_t pool_window(const golden::LayerArgs& args) {
  return args.pool_type == golden::kPoolMean2s1 || args.pool_type == golden::kPoolMax2s1
             ? 2
             : args.stride();
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
  CapturingBackend backend(layer, batch);
  golden::RunOptions options;
  options.profile = profile;
  options.max_kpu_layers = layer + 1;
  golden::run_network(model, inputs, backend, options);
  return backend.take();
}

std::string first_wrong_stage(const CapturedJob& job, golden::KpuBackend& suspect,
                              const Difference& difference) {
  const golden::LayerArgs original = golden::decode(job.words);
  const auto args = without_pooling(original);
  if (!args || !original.load_act || !original.load_para || !original.load_coor) return {};
  ChannelStages stages(difference.channel);
  golden::LayerOptions options;
  options.eight_bit = job.eight_bit;
  options.recorder = &stages;
  golden::run_kpu_layer(*args, job.input, {job.weights, job.batch_norm, job.act}, options);
  suspect.set_eight_bit_mode(job.eight_bit);

  const auto again = probe(suspect, original, job, job.batch_norm, job.act, difference.channel);
  const std::size_t place = std::size_t{difference.row} * original.out_width + difference.column;
  if (again[place] == difference.expected) return {};

  const auto act = probe(suspect, *args, job, job.batch_norm, job.act, difference.channel);
  const std::uint32_t top = difference.row * original.stride();
  const std::uint32_t left = difference.column * original.stride();
  const std::uint32_t bottom = std::min(top + pool_window(original), args->in_height);
  const std::uint32_t right = std::min(left + pool_window(original), args->in_width);
  std::optional<std::size_t> wrong;
  for (std::uint32_t y = top; y < bottom && !wrong; ++y) {
    for (std::uint32_t x = left; x < right && !wrong; ++x) {
      const std::size_t at = std::size_t{y} * args->in_width + x;
      if (act[at] != stages.act[at]) wrong = at;
    }
  }
  if (!wrong) {
    const bool pooled = original.pool_type != golden::kPoolBypass || original.first_stride;
    return pooled ? "pooling" : "";
  }

  const auto norm = probe(suspect, *args, job, job.batch_norm, window_act(stages.norm[*wrong]),
                          difference.channel);
  if (norm[*wrong] == kCentre) return "activation";
  const auto conv = probe(suspect, *args, job, identity_batch_norm(args->out_channels),
                          window_act(stages.conv[*wrong]), difference.channel);
  return conv[*wrong] == kCentre ? "batch norm" : "convolution";
}

}  // namespace kpu::sim
