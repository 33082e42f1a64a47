// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/conv/conv_bench.h"

#include <algorithm>
#include <stdexcept>

#include "golden/kpu/ai_ram.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kLanes = 16;
constexpr std::uint32_t kRingRows = 64;
constexpr std::uint32_t kRowBytes = 36;
constexpr std::uint32_t kPsumBits = 38;
constexpr std::uint32_t kSumXBits = 22;
constexpr int kPatience = 200'000;

template <class Wide>
std::uint64_t bits(const Wide& value, std::uint32_t low, std::uint32_t width) {
  std::uint64_t result = 0;
  for (std::uint32_t i = 0; i < width; ++i) {
    result |= std::uint64_t{value[(low + i) / 32] >> ((low + i) % 32) & 1} << i;
  }
  return result;
}

template <class Wide>
void put_bytes(Wide& value, const std::uint8_t* bytes, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t shift = 8 * (i % 4);
    value[i / 4] = (value[i / 4] & ~(0xFFu << shift)) | static_cast<std::uint32_t>(bytes[i]) << shift;
  }
}

}  // namespace

ConvBench::ConvBench(std::uint32_t seed) : random_(seed), ram_(kAiRamLines * kLineBytes) {
  top_.clear_i = 0;
  top_.start_i = 0;
  top_.word_valid_i = 0;
  top_.rd_ready_i = 0;
  top_.rsp_valid_i = 0;
  top_.line_ready_i = 0;
  top_.wr_cnt_i = 0;
  clock_.reset();
  for (auto& byte : ram_) byte = static_cast<std::uint8_t>(random_());
}

void ConvBench::require(bool good, const std::string& what) const {
  if (!good) throw std::runtime_error("cycle " + std::to_string(clock_.cycles()) + ": " + what);
}

void ConvBench::decode(const golden::LayerArgs& args, bool eight_bit) {
  top_.eight_bit_i = eight_bit;
  top_.word_valid_i = 1;
  for (const std::uint64_t word : golden::encode(args)) {
    top_.word_i = word;
    clock_.settle();
    require(top_.word_ready_o, "a word is not taken");
    clock_.edge();
  }
  top_.word_valid_i = 0;
  for (int i = 0; !top_.decoded_o; ++i) {
    require(i < 40, "the layer is not decoded");
    clock_.tick();
    clock_.settle();
  }
  require(top_.reason_o == 0, "the layer is refused");
  top_.start_i = 1;
  clock_.tick();
  top_.start_i = 0;
}

/// The table of docs/architecture.md, "Weights", with one channel a word.
void ConvBench::make_rows(const golden::LayerArgs& args, bool eight_bit) {
  rows_.clear();
  const std::uint32_t taps = args.kernel() * args.kernel();
  const bool point = taps == 1 && !args.depthwise;
  const std::uint32_t per_row = point ? 32 : 4;
  const std::uint32_t outputs = args.depthwise ? 1 : args.out_channels;
  for (std::uint32_t oc = 0; oc < outputs; ++oc) {
    for (std::uint32_t first = 0; first < args.in_channels; first += per_row) {
      Row low(kRowBytes);
      Row high(kRowBytes);
      for (auto& byte : low) byte = static_cast<std::uint8_t>(random_());  // what no weight fills
      for (auto& byte : high) byte = static_cast<std::uint8_t>(random_());
      for (std::uint32_t c = first; c < std::min(first + per_row, args.in_channels); ++c) {
        for (std::uint32_t t = 0; t < taps; ++t) {
          const std::uint32_t at = point ? (c - first) / 8 * 9 + c % 8 : (c - first) * 9 + t;
          const std::uint32_t weight = weights_[(args.depthwise ? c : oc * args.in_channels + c) * taps + t];
          low[at] = static_cast<std::uint8_t>(weight);
          high[at] = static_cast<std::uint8_t>(weight >> 8);
        }
      }
      rows_.push_back(low);
      if (!eight_bit) rows_.push_back(high);
    }
  }
}

std::uint32_t ConvBench::pixel(const golden::LayerArgs& args, std::uint32_t channel, std::int64_t row,
                               std::int64_t column) const {
  const std::int64_t height = args.in_height;
  const std::int64_t width = args.in_width;
  if (row < 0 || row >= height || column < 0 || column >= width) {
    if (args.pad_type == 0) return args.pad_value;
    row = std::clamp<std::int64_t>(row, 0, height - 1);
    column = std::clamp<std::int64_t>(column, 0, width - 1);
  }
  return image_[static_cast<std::size_t>((channel * height + row) * width + column)];
}

void ConvBench::check_line(const golden::LayerArgs& args) {
  const std::uint32_t oc = top_.tag_oc_o;
  const std::uint32_t row = top_.tag_row_o;
  const std::uint32_t seg = top_.tag_seg_o;
  require(oc < args.out_channels && row < conv_rows_ && seg < segments_, "a line outside the layer");
  const std::size_t index = (std::size_t{oc} * conv_rows_ + row) * segments_ + seg;
  require(!seen_[index], "a line twice");
  require(!last_seen_, "a line after the last");
  seen_[index] = true;
  require(top_.tag_row_last_o == (row + 1 == conv_rows_), "last row of a segment");
  last_seen_ = top_.tag_layer_last_o;

  const std::int64_t reach = args.kernel() == 3 ? 1 : 0;
  const std::uint32_t taps = args.kernel() * args.kernel();
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    const std::uint32_t column = seg * kLanes + lane;
    if (column >= args.in_width) break;
    std::uint64_t products = 0;
    std::uint64_t pixels = 0;
    for (std::uint32_t c = 0; c < args.summed_channels(); ++c) {
      const std::uint32_t from = args.depthwise ? oc : c;
      for (std::int64_t y = -reach; y <= reach; ++y) {
        for (std::int64_t x = -reach; x <= reach; ++x) {
          const auto tap = static_cast<std::uint32_t>((y + reach) * (2 * reach + 1) + x + reach);
          const std::uint64_t value = pixel(args, from, std::int64_t{row} * step_ + y, std::int64_t{column} + x);
          products += value * weights_[(args.depthwise ? oc : oc * args.in_channels + c) * taps + tap];
          pixels += value;
        }
      }
    }
    const std::string where = " of channel " + std::to_string(oc) + " row " + std::to_string(row) + " column " +
                              std::to_string(column);
    require(bits(top_.line_psum_o, lane * kPsumBits, kPsumBits) == products, "wrong sum(X*W)" + where);
    require(bits(top_.line_sumx_o, lane * kSumXBits, kSumXBits) == pixels, "wrong sum(X)" + where);
  }
}

void ConvBench::drive(const ConvStalls& stalls) {
  // The next row or two of the ring, as the consumer gives rows back.
  const std::uint32_t used = (top_.wr_cnt_i - top_.rd_cnt_o) % (2 * kRingRows);
  const std::uint32_t count = top_.eight_bit_i ? 1 : 2;
  if (rows_given_ < rows_.size() && used + count <= kRingRows && !percent(stalls.weights)) {
    rows_given_ += count;
    top_.wr_cnt_i = (top_.wr_cnt_i + count) % (2 * kRingRows);
  }
  top_.line_ready_i = !percent(stalls.lines);
  top_.rsp_valid_i = read_pending_ && !away_;
  const std::size_t first = std::size_t{read_word_} * kLanes;
  std::uint8_t word[kLanes];
  for (std::uint32_t i = 0; i < kLanes; ++i) {
    word[i] = top_.rsp_valid_i ? ram_[first + i] : static_cast<std::uint8_t>(random_());
  }
  put_bytes(top_.rd_data_i, word, kLanes);
  top_.rd_left_i = ram_[(first + ram_.size() - 1) % ram_.size()];
  top_.rd_right_i = ram_[(first + kLanes) % ram_.size()];
  top_.rd_ready_i = 0;
  clock_.settle();
  const bool taken = top_.rsp_valid_i && top_.rsp_ready_o;
  if (KPU_TEST_PACK_ROWS != 0) require(!top_.rsp_valid_i || taken, "a word is not taken at once");
  top_.rd_ready_i = (!read_pending_ || taken) && !percent(stalls.read);
}

void ConvBench::sample(const golden::LayerArgs& args) {
  clock_.settle();
  if (top_.line_valid_o && top_.line_ready_i) check_line(args);
  const bool taken = top_.rsp_valid_i && top_.rsp_ready_o;
  const bool read = top_.rd_valid_o && top_.rd_ready_i;
  const std::uint32_t next = top_.rd_addr_o;
  const bool row_read = top_.w_rd_en_o;
  const std::uint32_t row = top_.w_rd_row_o;
  // Of the rows that were given, the newest one with this place.
  std::size_t index = 0;
  if (row_read) {
    index = rows_given_ - 1 - (top_.wr_cnt_i - 1 - row) % kRingRows;
    require(index < rows_given_, "a row that nobody gave");
  }
  clock_.edge();
  if (taken) read_pending_ = false;
  if (read) {
    read_pending_ = true;
    read_word_ = next;
  }
  if (row_read) put_bytes(top_.w_rd_data_i, rows_[index].data(), kRowBytes);
}

void ConvBench::run(const golden::LayerArgs& args, bool eight_bit, const ConvStalls& stalls,
                    std::int64_t clear_after) {
  image_.resize(std::size_t{args.in_channels} * args.in_height * args.in_width);
  for (auto& value : image_) value = static_cast<std::uint8_t>(random_());
  golden::pack_image(ram_, args.input_layout(), image_);
  weights_.resize(std::size_t{args.out_channels} * args.channel_weights());
  for (auto& weight : weights_) weight = random_() & (eight_bit ? 0xFFu : 0xFFFFu);
  make_rows(args, eight_bit);
  rows_given_ = 0;
  const bool picks = args.first_stride || (args.pool_type >= golden::kPoolLeftTop2 && args.pool_type <= golden::kPoolLeftTop4);
  step_ = picks ? args.stride() : 1;
  conv_rows_ = args.out_height * (picks ? 1 : args.stride());
  segments_ = (args.in_width + kLanes - 1) / kLanes;
  seen_.assign(std::size_t{args.out_channels} * conv_rows_ * segments_, false);
  last_seen_ = false;
  decode(args, eight_bit);
  for (std::int64_t cycle = 0; !last_seen_; ++cycle) {
    require(cycle < kPatience, "the layer does not end");
    if (cycle == clear_after) {
      top_.clear_i = 1;
      clock_.tick();
      top_.clear_i = 0;
      read_pending_ = false;
      top_.wr_cnt_i = 0;
      clock_.settle();
      require(top_.idle_o && !top_.line_valid_o && !top_.rd_valid_o && top_.rd_cnt_o == 0, "busy after a clear");
      return;
    }
    away_ = KPU_TEST_PACK_ROWS == 0 && percent(stalls.stolen);
    drive(stalls);
    sample(args);
  }
  require(std::all_of(seen_.begin(), seen_.end(), [](bool seen) { return seen; }), "lines are missing");
  for (int i = 0; i < 4; ++i) clock_.tick();
  require(top_.idle_o && top_.rd_cnt_o == top_.wr_cnt_i, "not idle behind the last line");
}

}  // namespace kpu::test
