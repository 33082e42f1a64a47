// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/output_source.h"

#include <algorithm>
#include <cstdint>

#include "golden/kmodel/kpu_file.h"

namespace kpu::golden {

std::string output_quantization(const ModelInfo& info, std::size_t index) {
  const TensorInfo& output = info.outputs.at(index);
  const auto same_shape = [&](const TensorInfo& other) { return other.dims == output.dims; };
  if (std::count_if(info.outputs.begin(), info.outputs.end(), same_shape) != 1) {
    return {};
  }
  const std::string shape = output.dims.empty()
                                ? dims_text({static_cast<std::uint32_t>(output.count())})
                                : dims_text(output.dims);
  for (std::size_t i = info.layers.size(); i-- > 0;) {
    const LayerInfo& layer = info.layers[i];
    if (layer.out != shape) {
      continue;
    }
    return layer.type.find("dequantize") != std::string::npos ? layer.detail : std::string();
  }
  return {};
}

}  // namespace kpu::golden
