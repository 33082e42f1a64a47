// SPDX-License-Identifier: Apache-2.0
//
// Which layer arguments can run. Kept apart from the words' encoding: the encoding is the chip's,
// most of these limits follow from it, and the unsupported ones are this project's.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "golden/kpu/layer_args.h"

namespace kpu::golden {
namespace {

/// The weight buffer; 1x1 weights take nine of its bytes for eight.
constexpr std::size_t kWeightBufferBytes = 72 * 1024;

/// What six bits count, from 1.
constexpr std::uint32_t kMaxLoads = 64;

/// The problems found so far, each as "field=value: expected".
class Findings {
 public:
  /// Adds a line unless `fine`; only then the text is made.
  template <class Value, class... Args>
  void expect(bool fine, const char* field, const Value& value,
              fmt::format_string<Args...> expected, Args&&... args) {
    if (!fine) {
      lines_.push_back(fmt::format("{}={}: {}", field, value,
                                   fmt::format(expected, std::forward<Args>(args)...)));
    }
  }

  bool empty() const { return lines_.empty(); }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

void check_modes(const LayerArgs& args, Findings& found) {
  found.expect(args.kernel_type <= 1, "kernel_type", args.kernel_type,
               "unsupported, expected 0 (1x1) or 1 (3x3)");
  found.expect(args.pool_type <= kPoolMax2s1, "pool_type", args.pool_type,
               "unsupported, expected 0 to 9");
  found.expect(!args.bypass_conv, "bypass_conv", 1, "unsupported, expected 0");
  found.expect(args.coef_column_offset == 0, "coef_column_offset", args.coef_column_offset,
               "unsupported, expected 0");
  found.expect(args.coef_row_offset == 0, "coef_row_offset", args.coef_row_offset,
               "unsupported, expected 0");
  found.expect(!args.first_stride || args.pool_type == kPoolBypass, "pool_type", args.pool_type,
               "expected 0 (bypass) with first_stride");
  found.expect(!args.depthwise || args.in_channels == args.out_channels, "o_ch_num",
               args.out_channels, "expected {} as i_ch_num of a depthwise layer", args.in_channels);
}

void check_output_size(const LayerArgs& args, Findings& found) {
  const auto check = [&](const char* field, std::uint32_t out, std::uint32_t in) {
    const std::uint32_t stride = args.stride();
    // Rows 0, 2, 4, .. of an odd number are one more than its half; makers of files who count like
    // a pool leave that one out.
    const bool rounded_up = args.first_stride && out == (in + 1) / 2;
    found.expect(out == in / stride || rounded_up, field, out, "expected {} div {}", in, stride);
  };
  check("o_row_wid", args.out_width, args.in_width);
  check("o_col_high", args.out_height, args.in_height);
}

void check_layout(const ImageLayout& layout, const char* group_field, const char* width_field,
                  const char* row_field, const char* address_field, Findings& found) {
  const std::uint32_t group = layout.line_channels;
  if (group != 1 && group != 2 && group != 4) {
    found.expect(false, group_field, group, "expected 1, 2 or 4 channels per line");
    return;
  }
  const std::size_t pitch = kLineBytes / group;
  found.expect(group == 1 || layout.width <= pitch, width_field, layout.width,
               "expected at most {} with {}={}", pitch, group_field, group);
  found.expect(layout.height == 1 || layout.row_lines * kLineBytes >= layout.width, row_field,
               layout.row_lines, "expected lines for a row of {} pixels", layout.width);
  found.expect(layout.end_line() <= kAiRamLines, address_field, layout.base_line,
               "image ends at line {}, expected at most {}", layout.end_line(), kAiRamLines);
}

/// The count of weight loads. The vendor's compilers write one that is too large without its upper
/// bits.
void check_load_count(const LayerArgs& args, LoadTime load_time, Findings& found) {
  const std::uint32_t needed = (args.out_channels + args.load_channels - 1) / args.load_channels;
  if (needed > kMaxLoads && args.loads == (needed - 1) % kMaxLoads + 1) {
    found.expect(load_time == LoadTime::kIgnored, "load_time", args.loads,
                 "{} weight loads do not fit its six bits; the vendor's simulator "
                 "ignores the field, the chip cannot (profile simulator runs it, on "
                 "the golden model)",
                 needed);
    return;
  }
  found.expect(args.loads == needed, "load_time", args.loads,
               "expected {} loads of {} channels for {} output channels", needed,
               args.load_channels, args.out_channels);
}

void check_loads(const LayerArgs& args, bool eight_bit, LoadTime load_time, Findings& found) {
  check_load_count(args, load_time, found);
  const std::uint32_t channels = std::min(args.load_channels, args.out_channels);
  const std::size_t bytes = args.channel_weights() * channels * (eight_bit ? 1 : 2);
  found.expect(args.load_bytes >= bytes, "para_size", args.load_bytes,
               "expected at least {} bytes for {} output channels", bytes, channels);
  const std::size_t stored = args.kernel() == 1 ? (bytes * 9 + 7) / 8 : bytes;
  found.expect(stored <= kWeightBufferBytes, "para_size", args.load_bytes,
               "a load takes {} bytes of the weight buffer, expected at most {}", stored,
               kWeightBufferBytes);
}

}  // namespace

std::vector<std::string> problems(const LayerArgs& args, bool eight_bit, LoadTime load_time) {
  Findings found;
  check_modes(args, found);
  if (!found.empty()) {
    return found.take();  // sizes mean nothing for an unknown kernel or pool
  }
  check_output_size(args, found);
  check_layout(args.input_layout(), "coef_group", "i_row_wid", "row_switch_addr", "image_src_addr",
               found);
  const ImageLayout out = args.output_layout();
  check_layout(out, "wb_group", "o_row_wid", "wb_row_switch_addr", "image_dst_addr", found);
  if (out.channels > out.line_channels) {
    const std::uint64_t lines = std::uint64_t{out.row_lines} * out.height;
    found.expect(out.group_lines >= lines, "wb_channel_switch_addr", out.group_lines,
                 "channel groups overlap, expected at least {}", lines);
  }
  check_loads(args, eight_bit, load_time, found);
  return found.take();
}

void require_valid(const LayerArgs& args, bool eight_bit, const std::string& where,
                   LoadTime load_time) {
  const std::vector<std::string> lines = problems(args, eight_bit, load_time);
  if (!lines.empty()) {
    throw Error(where + ": " + lines.front());
  }
}

}  // namespace kpu::golden
