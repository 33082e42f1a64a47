// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.h"

#include <cstddef>
#include <cstdlib>
#include <random>

#include "common/files.h"
#include "examples/edge_network.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/layer_args.h"
#include "sim/vision/image_io.h"
#include "sim/vision/network_input.h"

namespace kpu::bench {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Shape of a single-layer case.
struct LayerCase {
  const char* name;
  std::uint32_t in_channels;
  std::uint32_t out_channels;
  std::uint32_t height;
  std::uint32_t width;
  std::uint32_t kernel;
  std::uint32_t pool_type;
  bool eight_bit;
  std::uint64_t goal;
};

Bytes layer_model(const LayerCase& c) {
  golden::LayerShape shape;
  shape.in_channels = c.in_channels;
  shape.out_channels = c.out_channels;
  shape.height = c.height;
  shape.width = c.width;
  shape.kernel = c.kernel;
  shape.pool_type = c.pool_type;
  shape.dst_line = static_cast<std::uint32_t>(
      golden::ImageLayout::standard(0, c.in_channels, c.height, c.width).end_line());
  golden::KmodelWriter writer(c.eight_bit);
  writer.add_kpu(random_layer(shape, c.eight_bit));
  return writer.finish();
}

Bytes random_bytes(std::size_t size) {
  std::mt19937 random(2);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

BenchCase make_layer_case(const LayerCase& c) {
  return {c.name, [c] { return layer_model(c); },
          [c] { return random_bytes(std::size_t{c.in_channels} * c.height * c.width); }, c.goal,
          c.goal, true};
}

Bytes picture(const std::filesystem::path& path) {
  const sim::Image image = sim::load_image(path.string(), 3);
  return sim::load_input(path.string(), {3, image.height, image.width, 1}).bytes;
}

BenchCase make_file_case(const std::string& name, const std::filesystem::path& model,
                         const std::filesystem::path& image, std::uint64_t goal, std::uint64_t packed_goal) {
  return {name, [model] { return read_file(model.string()); }, [image] { return picture(image); },
          goal, packed_goal, false};
}

}  // namespace

golden::WriterLayer random_layer(const golden::LayerShape& shape, bool eight_bit) {
  golden::WriterLayer layer;
  layer.args = golden::make_layer_args(shape, eight_bit);
  std::mt19937 random(1);
  layer.weights.resize(layer.args.channel_weights() * shape.out_channels);
  for (std::uint16_t& weight : layer.weights) {
    weight = static_cast<std::uint16_t>(random() & (eight_bit ? 0xff : 0xffff));
  }
  layer.batch_norm.assign(shape.out_channels, {1, 0, 0});
  return layer;
}

std::optional<std::filesystem::path> shared_folder(const std::filesystem::path& source_dir) {
  const char* chosen = std::getenv("KPU_SHARED");
  const std::filesystem::path path = chosen != nullptr ? chosen : source_dir / ".." / "shared";
  if (std::filesystem::is_directory(path / "models")) return path;
  return std::nullopt;
}

std::vector<BenchCase> bench_cases(const std::filesystem::path& source_dir,
                                   const std::optional<std::filesystem::path>& shared) {
  const std::filesystem::path examples = source_dir / "examples";
  std::vector<BenchCase> cases{
      make_file_case("edges", examples / "edges.kmodel", examples / "scene.png", 0, 0)};
  constexpr std::uint64_t kSweep64 = std::uint64_t{128} * 128 * 64 * 64 * 9 / 576;
  for (const LayerCase& c : {
           // The public sweep's shape: 98 % of 576 MACs a cycle.
           LayerCase{"conv3x3 128->128 64x64", 128, 128, 64, 64, 3, golden::kPoolBypass, true,
                     kSweep64 * 100 / 98},
           LayerCase{"conv3x3 64->64 32x32", 64, 64, 32, 32, 3, golden::kPoolBypass, true, 0},
           LayerCase{"conv3x3 64->64 32x32, 16 bit", 64, 64, 32, 32, 3, golden::kPoolBypass, false,
                     0},
           // Tiles of two channels, because half of the ring holds no more; few pixels, many
           // weights.
           LayerCase{"conv3x3 640->12 8x8, 16 bit", 640, 12, 8, 8, 3, golden::kPoolBypass, false,
                     0},
           // Tiles of four channels, because the pool keeps a column between words.
           LayerCase{"conv3x3 8->32 320x64 max2 by 1", 8, 32, 64, 320, 3, golden::kPoolMax2s1, true,
                     0},
           LayerCase{"conv3x3 3->16 640x480 max4", 3, 16, 480, 640, 3, golden::kPoolMax4, true,
                     240'000},
           LayerCase{"conv1x1 128->128 64x32", 128, 128, 32, 64, 1, golden::kPoolBypass, true, 0},
       }) {
    cases.push_back(make_layer_case(c));
  }
  if (shared) {
    const auto add = [&](const char* name, const char* image, std::uint64_t goal, std::uint64_t packed_goal) {
      cases.push_back(make_file_case(name, *shared / "models" / (std::string(name) + ".kmodel"),
                                     *shared / "images" / image, goal, packed_goal));
    };
    add("face_detect_v3", "faces_a_320x240.png", 620'000, 425'000);
    add("yolo20_v3", "dog_320x240.png", 500'000, 370'000);
    add("face_mask5_v3", "faces_b_320x256.png", 340'000, 285'000);
    add("rfb320_v4", "faces_a_320x240.png", 0, 300'000);
    add("yolox_nano_v5", "people_224x224.png", 0, 370'000);
  }
  return cases;
}

}  // namespace kpu::bench
