// SPDX-License-Identifier: Apache-2.0
#include "sim/report/dump.h"

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <system_error>
#include <vector>

#include "common/error.h"
#include "sim/report/contact_sheet.h"
#include "sim/text/layer_text.h"
#include "sim/text/npy.h"
#include "sim/vision/image_io.h"

namespace kpu::sim {

void dump_layers(const std::string& folder, const RunReport& report) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw Error(fmt::format("{}: cannot be created: {}", folder, failure.message()));
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const LayerReport& layer = report.layers[i];
    std::vector<std::size_t> shape{layer.args.out_channels, layer.args.out_height,
                                   layer.args.out_width};
    if (layer.batches > 1) shape.insert(shape.begin(), layer.batches);
    const std::string name = fmt::format("{}/layer_{:02}", folder, i);
    save_npy(name + ".npy", layer.output, shape);
    const std::string title =
        fmt::format("layer {}: {} {}{} -> {}", i, input_shape(layer.args), kernel_name(layer.args),
                    layer.args.depthwise ? " dw" : "", output_shape(layer.args));
    save_png(name + ".png",
             contact_sheet(layer.output, static_cast<int>(layer.args.out_channels * layer.batches),
                           static_cast<int>(layer.args.out_height),
                           static_cast<int>(layer.args.out_width), title));
  }
}

}  // namespace kpu::sim
