// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/post_pool/post_bench.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <stdexcept>

#include "golden/kpu/layer_args.h"
#include "tb/coverage.h"

namespace kpu::test {
namespace {

using kpu::kAiRamBytes;
using kpu::kLineBytes;

constexpr std::uint32_t kLanes = 8 * sizeof(Vkpu_post_bench::wr_be_o);
constexpr std::uint32_t kPsumBits = 38;
constexpr std::uint32_t kSumXBits = 22;
constexpr std::uint64_t kCycleLimit = 2'000'000;

/// Writes `width` bits (at most 64) at bit `low` of a wide port.
void put_bits(WData* port, std::uint32_t low, std::uint32_t width, std::uint64_t value) {
  for (std::uint32_t done = 0; done < width;) {
    const std::uint32_t at = (low + done) % 32;
    const std::uint32_t count = std::min(32 - at, width - done);
    const std::uint64_t mask = ((std::uint64_t{1} << count) - 1) << at;
    WData& word = port[(low + done) / 32];
    word = static_cast<WData>((word & ~mask) | (((value >> done) << at) & mask));
    done += count;
  }
}

std::uint32_t log2_of(std::uint32_t power) {
  return static_cast<std::uint32_t>(std::countr_zero(power));
}

/// How an image's line channels fall apart into words (docs/architecture.md, "AI RAM and words").
struct WordLayout {
  std::uint32_t grp_l2;
  std::uint32_t sub_l2;
  std::uint32_t sub_pitch;

  explicit WordLayout(std::uint32_t line_channels) {
    const std::uint32_t parts_l2 = log2_of(kLineBytes / kLanes);
    const std::uint32_t line_l2 = log2_of(line_channels);
    grp_l2 = line_l2 > parts_l2 ? line_l2 - parts_l2 : 0;
    sub_l2 = line_l2 - grp_l2;
    sub_pitch = (1u << parts_l2) >> sub_l2;
  }
};

/// Byte masks are QData for 64 lanes, narrower otherwise.
template <typename Port>
std::uint8_t* port_bytes(Port& port) {
  return reinterpret_cast<std::uint8_t*>(&port);
}

}  // namespace

PostBench::PostBench(std::uint32_t seed)
    : context_(std::make_unique<VerilatedContext>()),
      random_(seed),
      ram_(kAiRamBytes),
      expected_(kAiRamBytes) {
  context_->fatalOnError(false);
  context_->randReset(2);  // registers without reset start with anything; so do the inputs
  context_->randSeed(static_cast<int>(seed));
  dut_ = std::make_unique<Vkpu_post_bench>(context_.get());
  for (auto& byte : ram_) byte = static_cast<std::uint8_t>(random_());
  expected_ = ram_;
  dut_->clear_i = 0;
  dut_->start_i = 0;
  dut_->act_valid_i = 0;
  reset();
}

PostBench::~PostBench() {
  dut_->final();
  tb::save_coverage(*context_);
}

void PostBench::reset() {
  dut_->line_valid_i = 0;
  dut_->rsp_valid_i = 0;
  dut_->rst_ni = 0;
  for (int i = 0; i < 4; ++i) {
    dut_->clk_i = i % 2;
    dut_->eval();
  }
  dut_->rst_ni = 1;
}

void PostBench::check_quiet() {
  dut_->clk_i = 0;
  dut_->eval();
  require(!dut_->wr_valid_o && !dut_->rd_valid_o && !dut_->out_valid_o, "a request after the stop");
  require(!dut_->layer_done_o && !dut_->stream_done_o, "an end of the layer after the stop");
  require(!dut_->conv_ovf_o && !dut_->norm_ovf_o, "an overflow report after the stop");
}

std::uint32_t PostBench::steps() const { return kLanes / KPU_POST_LANES; }

void PostBench::require(bool good, const std::string& what) const {
  if (!good) throw std::runtime_error("cycle " + std::to_string(cycle_) + ": " + what);
}

void PostBench::set_act(const golden::ActTable& act) {
  constexpr std::uint64_t kStartMask = 0xfffffffffu;
  std::int64_t key = act.back().x_start;
  dut_->line_valid_i = 0;
  dut_->act_valid_i = 1;
  for (std::uint32_t i = golden::kSegments; i-- > 0;) {
    key = std::min(key, act[i].x_start);
    dut_->act_idx_i = static_cast<std::uint8_t>(i);
    dut_->act_key_i = static_cast<std::uint64_t>(key) & kStartMask;
    dut_->act_start_i = static_cast<std::uint64_t>(act[i].x_start) & kStartMask;
    dut_->act_mul_i = static_cast<std::uint16_t>(act[i].y_mul);
    dut_->act_shift_i = act[i].shift;
    dut_->act_bias_i = act[i].bias;
    for (const std::uint8_t clk : {0, 1}) {
      dut_->clk_i = clk;
      dut_->eval();
    }
  }
  dut_->act_valid_i = 0;
}

void PostBench::set_layer(const PostLayer& layer) {
  const WordLayout in(layer.in_line_channels);
  const WordLayout out(layer.output.line_channels);
  const std::uint32_t segs = in.grp_l2 == 0 ? (layer.in_width + kLanes - 1) / kLanes : 1;
  dut_->depthwise_i = layer.depthwise;
  const bool max = layer.pool_type == golden::kPoolMax2 || layer.pool_type == golden::kPoolMax4 ||
                   layer.pool_type == golden::kPoolMax2s1;
  const bool mean = layer.pool_type == golden::kPoolMean2 || layer.pool_type == golden::kPoolMean4 ||
                    layer.pool_type == golden::kPoolMean2s1;
  dut_->pool_op_i = static_cast<std::uint8_t>(max ? 1 : mean ? 2 : 0);
  dut_->pool_right_i = layer.pool_type == golden::kPoolRightTop2;
  dut_->pool_slide_i = layer.pool_type == golden::kPoolMax2s1 || layer.pool_type == golden::kPoolMean2s1;
  dut_->load_act_i = layer.load_act;
  dut_->send_data_out_i = layer.send_data_out;
  dut_->par_half_i = layer.par_half;
  dut_->iw_m1_i = static_cast<std::uint16_t>(layer.in_width - 1);
  dut_->grp_l2_i = static_cast<std::uint8_t>(in.grp_l2);
  dut_->sub_l2_i = static_cast<std::uint8_t>(in.sub_l2);
  dut_->seg_m1_i = static_cast<std::uint8_t>(segs - 1);
  dut_->seg_last_px_i = static_cast<std::uint16_t>(layer.in_width - (segs - 1) * kLanes);
  dut_->dst_line_i = static_cast<std::uint16_t>(layer.output.base_line);
  dut_->oc_m1_i = static_cast<std::uint16_t>(layer.channels - 1);
  dut_->ow_m1_i = static_cast<std::uint16_t>(layer.output.width - 1);
  dut_->oh_m1_i = static_cast<std::uint16_t>(layer.output.height - 1);
  dut_->wb_ch_switch_i = static_cast<std::uint16_t>(layer.output.group_lines);
  dut_->wb_row_switch_i = static_cast<std::uint8_t>(layer.output.row_lines);
  dut_->wb_grp_l2_i = static_cast<std::uint8_t>(out.grp_l2);
  dut_->wb_sub_l2_i = static_cast<std::uint8_t>(out.sub_l2);
  dut_->wb_sub_pitch_i = static_cast<std::uint8_t>(out.sub_pitch);
  dut_->stride_l2_i = static_cast<std::uint8_t>(log2_of(layer.stride));
  dut_->shr_x_i = static_cast<std::uint8_t>(layer.conv.shr_x);
  dut_->arg_x_i = static_cast<std::uint32_t>(layer.conv.arg_x) & 0xffffff;
  set_act(layer.act);
}

std::vector<PostBench::Line> PostBench::lines_of(const PostLayer& layer) const {
  const WordLayout in(layer.in_line_channels);
  const std::uint32_t segs = in.grp_l2 == 0 ? (layer.in_width + kLanes - 1) / kLanes : 1;
  const std::uint32_t step = layer.depthwise ? 1u << in.grp_l2 : layer.tile;
  std::vector<Line> lines;
  for (std::uint32_t oc = 0; oc < layer.channels; oc += step) {
    const std::uint32_t tile = layer.depthwise ? 1 : std::min(step, layer.channels - oc);
    for (std::uint32_t seg = segs; seg-- > 0;) {
      for (std::uint32_t row = 0; row < layer.rows; ++row) {
        for (std::uint32_t m = 0; m < tile; ++m) {
          lines.push_back({oc + m, m, row, seg, row + 1 == layer.rows, false, false});
        }
      }
    }
    lines.back().tile_last = true;
  }
  lines.back().layer_last = true;
  return lines;
}

void PostBench::drive_line(const PostLayer& layer, const Line& line) {
  const WordLayout in(layer.in_line_channels);
  const std::uint32_t groups = 1u << in.grp_l2;
  const std::uint32_t pitch = kLanes / groups;
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    const std::uint32_t group = lane / pitch;
    const std::uint32_t column = line.seg * kLanes + lane % pitch;
    const std::uint32_t channel = line.oc + (layer.depthwise ? group : 0);
    // Lanes without a pixel hold anything.
    std::uint64_t products = ((std::uint64_t{random_()} << 32) | random_()) >> (64 - kPsumBits);
    std::uint64_t pixels = random_() >> (32 - kSumXBits);
    if (column < layer.in_width && channel < layer.channels) {
      const golden::ConvSums& sums = layer.sums[layer.index(channel, line.row, column)];
      products = static_cast<std::uint64_t>(sums.products);
      pixels = static_cast<std::uint64_t>(sums.pixels);
      if (!layer.depthwise && groups > 1) {  // an uneven share for each lane group, summing up
        const std::uint64_t low = group == 0 ? 0 : (group - 1) * products / 7 + products / 5;
        const std::uint64_t high =
            group + 1 == groups ? products : group * products / 7 + products / 5;
        products = high - low;
        const std::uint64_t low_x = group == 0 ? 0 : group * pixels / 4;
        pixels = (group + 1 == groups ? pixels : (group + 1) * pixels / 4) - low_x;
      }
    }
    put_bits(dut_->line_psum_i, lane * kPsumBits, kPsumBits, products);
    put_bits(dut_->line_sumx_i, lane * kSumXBits, kSumXBits, pixels);
  }
  dut_->tag_oc_i = static_cast<std::uint16_t>(line.oc);
  dut_->tag_m_i = static_cast<std::uint8_t>(line.m);
  dut_->tag_row_i = static_cast<std::uint16_t>(line.row);
  dut_->tag_seg_i = static_cast<std::uint8_t>(line.seg);
  dut_->tag_row_last_i = line.row_last;
  dut_->tag_tile_last_i = line.tile_last;
  dut_->tag_layer_last_i = line.layer_last;
}

void PostBench::drive_params(const PostLayer& layer, std::uint32_t row, std::uint32_t single) {
  require((row >> 8) == (layer.par_half ? 1u : 0u), "parameters of the other half are read");
  for (std::uint32_t bank = 0; bank < 4; ++bank) {
    // A buffer of one bank gives the channel that is asked for, and nothing from the other banks.
    const std::uint32_t channel = kLanes > 16 ? 4 * (row & 0xff) + bank
                                  : bank == 0 ? 4 * (row & 0xff) + single
                                              : layer.channels;
    std::uint64_t bn = random_();
    std::uint64_t k = random_();
    if (channel < layer.channels) {
      bn = golden::encode_batch_norm(layer.bn[channel]);
      k = static_cast<std::uint64_t>(layer.k[channel]);
    }
    put_bits(dut_->par_bn_i, bank * 60, 60, bn);
    put_bits(dut_->par_k_i, bank * 49, 49, k);
  }
}

void PostBench::write_word() {
  const std::size_t base = std::size_t{dut_->wr_addr_o} * kLanes;
  require(base + kLanes <= ram_.size(), "write beyond AI RAM");
  const std::uint8_t* mask = port_bytes(dut_->wr_be_o);
  const std::uint8_t* data = port_bytes(dut_->wr_data_o);
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    if ((mask[lane / 8] >> (lane % 8)) & 1) ram_[base + lane] = data[lane];
  }
}

void PostBench::tick(const PostLayer& layer, const PostStalls& stalls) {
  dut_->wr_ready_i = !percent(stalls.write);
  dut_->rd_ready_i = !percent(stalls.read);
  dut_->out_ready_i = !percent(stalls.stream);
  dut_->clk_i = 0;
  dut_->eval();

  const bool read = dut_->rd_valid_o && dut_->rd_ready_i;
  const std::size_t read_base = std::size_t{dut_->rd_addr_o} * kLanes;
  const bool params = dut_->par_rd_en_o;
  const std::uint32_t params_row = dut_->par_rd_row_o;
  const std::uint32_t params_bank = dut_->par_rd_bank_o;
  if (dut_->out_valid_o && dut_->out_ready_i) {
    require(!stream_last_, "a word after the stream's last one");
    stream_.push_back(dut_->out_data_o);
    stream_last_ = dut_->out_last_o;
  }
  line_taken_ = dut_->line_valid_i && dut_->line_ready_o;
  // Data of a read are there after the edge; a write in the same cycle does not change them.
  std::array<std::uint8_t, kLanes> word{};
  if (read) {
    require(read_base + kLanes <= ram_.size(), "read beyond AI RAM");
    std::copy_n(ram_.begin() + static_cast<std::ptrdiff_t>(read_base), kLanes, word.begin());
  }
  if (dut_->wr_valid_o && dut_->wr_ready_i) write_word();

  dut_->clk_i = 1;
  dut_->eval();
  require(!context_->gotError(), "an assertion of the RTL failed");
  ++cycle_;

  dut_->rsp_valid_i = read;
  if (read) std::copy(word.begin(), word.end(), port_bytes(dut_->rd_data_i));
  if (params) drive_params(layer, params_row, params_bank);
  layer_done_ |= dut_->layer_done_o != 0;
  stream_done_ |= dut_->stream_done_o != 0;
  conv_overflow_ |= dut_->conv_ovf_o != 0;
  norm_overflow_ |= dut_->norm_ovf_o != 0;
}

PostRun PostBench::run(const PostLayer& layer, const PostStalls& stalls, const PostStop& stop) {
  stream_.clear();
  layer_done_ = stream_done_ = stream_last_ = conv_overflow_ = norm_overflow_ = false;
  set_layer(layer);
  dut_->start_i = 1;
  tick(layer, stalls);
  dut_->start_i = 0;

  const std::vector<Line> lines = lines_of(layer);
  const std::uint64_t begin = cycle_;
  std::size_t next = 0;
  bool driven = false;
  PostRun result;
  result.lines = lines.size();
  while (!layer_done_ || (layer.send_data_out && !stream_done_)) {
    require(cycle_ - begin < kCycleLimit, "the layer does not end");
    result.stopped = static_cast<std::int64_t>(cycle_ - begin) == stop.cycle;
    if (result.stopped && stop.reset) {
      reset();
      break;
    }
    dut_->clear_i = result.stopped;
    if (!driven && next < lines.size() && !percent(stalls.lines)) {
      drive_line(layer, lines[next]);
      dut_->line_valid_i = driven = true;
    }
    tick(layer, stalls);
    if (result.stopped) break;
    if (line_taken_) {
      ++next;
      dut_->line_valid_i = driven = false;
    }
  }
  result.cycles = cycle_ - begin;
  dut_->clear_i = 0;
  dut_->line_valid_i = 0;
  const std::size_t words = stream_.size();
  for (int i = 0; i < 20; ++i) {
    if (result.stopped) check_quiet();
    tick(layer, stalls);
  }
  if (result.stopped) {
    expected_ = ram_;
    return result;
  }
  require(next == lines.size(), "the layer ends before its last line");
  require(stream_.size() == words, "a word after the end");
  compare(layer);
  return result;
}

void PostBench::compare(const PostLayer& layer) {
  const PostResult want = run_post_layer(layer);
  require(conv_overflow_ == want.conv_overflow, "overflow report of conv");
  if (want.conv_overflow) {
    expected_ = ram_;
    return;
  }
  require(norm_overflow_ == want.norm_overflow, "overflow report of norm");
  if (want.norm_overflow) {
    expected_ = ram_;
    return;
  }

  golden::pack_image(expected_, layer.output, want.planar);
  if (ram_ != expected_) {
    const auto at = std::mismatch(ram_.begin(), ram_.end(), expected_.begin());
    const std::size_t byte = static_cast<std::size_t>(at.first - ram_.begin());
    const std::string values =
        std::to_string(*at.first) + ", expected " + std::to_string(*at.second);
    expected_ = ram_;
    require(false, "AI RAM line " + std::to_string(byte / kLineBytes) + " byte " +
                       std::to_string(byte % kLineBytes) + " is " + values);
  }

  std::vector<std::uint64_t> words;
  if (layer.send_data_out) {
    words.resize((want.planar.size() + 7) / 8);
    for (std::size_t i = 0; i < want.planar.size(); ++i) {
      words[i / 8] |= std::uint64_t{want.planar[i]} << (8 * (i % 8));
    }
  }
  require(stream_ == words, "the stream differs");
  require(stream_last_ == layer.send_data_out, "last word of the stream");
}

}  // namespace kpu::test
