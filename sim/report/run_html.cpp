// SPDX-License-Identifier: Apache-2.0
#include "sim/report/run_html.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/engine/counters.h"
#include "sim/report/contact_sheet.h"
#include "sim/report/pages.h"
#include "sim/report/plots.h"
#include "sim/report/report_json.h"
#include "sim/vision/image_io.h"

namespace kpu::sim {
namespace {

using Json = nlohmann::ordered_json;

/// Channels of a layer that are shown, and how many side by side.
constexpr int kChannels = 16;
constexpr int kColumns = 4;
/// Pixels of a channel, at most; smaller ones are magnified to about that.
constexpr int kTile = 64;
constexpr int kMapGap = 2;

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k) three = three << 8 | (k < count ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= count ? kDigits[three >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::string data_uri(const Image& image) {
  return "data:image/png;base64," + base64(encode_png(image));
}

/// A tile of about kTile pixels, whatever the channel's size.
Image fitted(const Image& channel) {
  const int longest = std::max(channel.width, channel.height);
  if (longest <= kTile) return magnify(channel, std::max(1, kTile / longest));
  return resize(channel, std::max(1, channel.width * kTile / longest),
                std::max(1, channel.height * kTile / longest));
}

/// The first channels of a layer's output as one picture, and each one's least and largest value.
Json feature_map(const LayerReport& layer, std::size_t index) {
  const auto width = static_cast<int>(layer.args.out_width);
  const auto height = static_cast<int>(layer.args.out_height);
  const int channels = std::min(kChannels, static_cast<int>(layer.args.out_channels));
  Json map = {{"layer", index}, {"ranges", Json::array()}};
  Image sheet;
  for (int c = 0; c < channels; ++c) {
    const ChannelTile tile = channel_tile(layer.output, c, height, width);
    map["ranges"].push_back({tile.least, tile.most});
    const Image picture = fitted(tile.picture);
    if (c == 0) {
      const int columns = std::min(kColumns, channels);
      const int rows = (channels + columns - 1) / columns;
      sheet = Image(columns * (picture.width + kMapGap) - kMapGap, rows * (picture.height + kMapGap) - kMapGap,
                    1, {128, 128, 128});
    }
    blit(sheet, picture, c % kColumns * (picture.width + kMapGap),
         c / kColumns * (picture.height + kMapGap));
  }
  map["picture"] = data_uri(sheet);
  return map;
}

}  // namespace

std::string run_html(const RunReport& report, const std::optional<Image>& picture) {
  Json data = {{"report", report_json(report)}, {"states", Json::array()}, {"maps", Json::array()}};
  for (const CycleState& state : kCycleStates) {
    data["states"].push_back({state.counter, state.meaning});
  }
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    if (!report.layers[i].output.empty()) {
      data["maps"].push_back(feature_map(report.layers[i], i));
    }
  }
  if (picture) data["picture"] = data_uri(*picture);
  if (report.cycles_total() > 0) data["roofline"] = roofline_svg(report);

  std::string safe;  // nothing in it may end the script element
  for (const char c : data.dump(-1, ' ', true, Json::error_handler_t::replace)) {
    safe += c == '<' ? "\\u003c" : std::string(1, c);
  }
  constexpr std::string_view kMark = "%REPORT%";
  std::string page = run_page();
  page.replace(page.find(kMark), kMark.size(), safe);
  return page;
}

}  // namespace kpu::sim
