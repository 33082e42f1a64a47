// SPDX-License-Identifier: Apache-2.0
//
// The legacy kmodel version 1 (kmodel format, appendix): nothing but KPU layers. The last one's
// output leaves through the stream and is given as real numbers by the last layer's scaling.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "common/bits.h"
#include "common/error.h"
#include "common/field_reader.h"
#include "golden/kmodel/kmodel_formats.h"
#include "golden/kmodel/kpu_file.h"
#include "golden/kmodel/kpu_queue.h"
#include "golden/kmodel/v3/ops.h"

namespace kpu::golden {
namespace {

constexpr std::size_t kMetadataBytes = 28;

class ModelV1 : public Model {
 public:
  explicit ModelV1(std::vector<std::uint8_t> file) : file_(std::move(file)) { load(); }

  std::vector<std::vector<std::uint8_t>> run(const std::vector<std::vector<std::uint8_t>>& inputs,
                                             KpuQueue& kpu, const Profile& profile) const override;

 private:
  void load();
  void load_layer(FieldReader& metadata, std::uint64_t words_offset);

  std::vector<std::uint8_t> file_;
  float output_scale_ = 1;  ///< of the layer read last
  float output_bias_ = 0;
};

void ModelV1::load() {
  FieldReader header(file_, 0, file_.size(), "kmodel v1 header");
  header.u32_in("version", 1, 1);
  info_.format = Format::kV1;
  info_.eight_bit = (header.u32("flags") & 1) != 0;
  const std::uint32_t layer_count = header.u32("layers_length");
  header.u32("max_start_address");
  const std::uint32_t words_start = header.u32("layers_argument_start");
  if (layer_count == 0 || layer_count > header.remaining() / kMetadataBytes) {
    header.fail("layers_length", layer_count, "1 or more, with metadata inside the file");
  }
  for (std::uint32_t i = 0; i < layer_count; ++i) {
    FieldReader metadata(file_, header.offset() + i * kMetadataBytes, file_.size(),
                         fmt::format("layer {} (k210_conv)", i));
    load_layer(metadata, words_start + std::uint64_t{i} * kLayerWordBytes);
  }
  info_.layers.back().kpu->to_main_memory = true;

  const LayerArgs& first = info_.layers.front().kpu->args;
  const LayerArgs& last = info_.layers.back().kpu->args;
  info_.inputs.push_back({.type = ElementType::kUint8,
                          .dims = {first.in_channels, first.in_height, first.in_width},
                          .bytes = first.input_layout().planar_bytes()});
  info_.outputs.push_back({.type = ElementType::kFloat32,
                           .dims = {last.out_channels, last.out_height, last.out_width},
                           .bytes = 4 * last.output_layout().planar_bytes()});
}

void ModelV1::load_layer(FieldReader& metadata, std::uint64_t words_offset) {
  LayerInfo layer;
  layer.index = info_.layers.size();
  layer.type = "k210_conv";
  layer.file_offset = metadata.offset();
  layer.file_bytes = kMetadataBytes;
  const std::uint32_t weights_offset = metadata.u32("weights_off");
  const std::uint32_t bn_offset = metadata.u32("bn_off");
  const std::uint32_t act_offset = metadata.u32("act_off");
  metadata.f32("input_scale");
  metadata.f32("input_bias");
  output_scale_ = metadata.f32("output_scale");
  output_bias_ = metadata.f32("output_bias");
  const auto words = metadata.file_bytes(words_offset, kLayerWordBytes, "layers_argument_start");
  layer.kpu =
      kpu_layer_at_offsets(metadata, words, info_.eight_bit, weights_offset, bn_offset, act_offset);
  describe_kpu_layer(layer);
  info_.layers.push_back(std::move(layer));
}

std::vector<std::vector<std::uint8_t>> ModelV1::run(
    const std::vector<std::vector<std::uint8_t>>& inputs, KpuQueue& kpu,
    const Profile& profile) const {
  kpu.upload(info_.layers.front().kpu->args.input_layout(), inputs.front());
  std::vector<std::vector<std::uint8_t>> outputs;
  for (const LayerInfo& layer : info_.layers) {
    if (kpu.full()) {
      break;
    }
    const bool last = layer.index + 1 == info_.layers.size();
    kpu.push(*layer.kpu, layer.index, [&, last](std::span<const std::uint8_t> codes) {
      if (last) {
        std::vector<float> values(codes.size());
        v3::dequantize(codes, values, output_scale_, output_bias_, profile.float_rule);
        outputs.push_back(float_bytes(values));
      }
    });
  }
  kpu.flush();
  return outputs;
}

}  // namespace

std::unique_ptr<Model> load_kmodel_v1(std::vector<std::uint8_t> file) {
  return std::make_unique<ModelV1>(std::move(file));
}

}  // namespace kpu::golden
