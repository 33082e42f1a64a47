// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/kmodel/element_type.h"
#include "golden/kpu/kpu_layer.h"
#include "golden/kpu/layer_args.h"

namespace kpu::golden {

class KpuQueue;
struct Profile;

/// Versions of the file format (kmodel format, identification).
enum class Format { kV1, kV3, kV4, kV5 };

/// An input or output of a network. `dims` may be shorter than four, or empty where the file says
/// nothing about the shape.
struct TensorInfo {
  ElementType type = ElementType::kUint8;
  std::vector<std::uint32_t> dims;  ///< outermost first; an image is C, H, W
  std::size_t bytes = 0;

  /// Elements: bytes divided by the element's size.
  std::size_t count() const { return bytes / size_of(type); }
};

/// A KPU layer of a network.
struct KpuLayerInfo {
  LayerWords words{};
  LayerArgs args;               ///< decoded words
  std::uint32_t batches = 1;    ///< images the layer runs over, one behind the other in AI RAM
  LayerTables tables;           ///< spans into the model's bytes
  bool to_main_memory = false;  ///< the output is also wanted in main memory
  /// Of ModelInfo::kpu_layers(): no layer on the CPU lies between it and the KPU layer before, so
  /// that software can queue both.
  bool queued = false;
};

/// A layer of any kind, for listings.
struct LayerInfo {
  std::size_t index = 0;
  std::string type;  ///< "k210_conv", "dequantize", ...
  std::string in;    ///< shape or size, as text ("3x240x320", "9000")
  std::string out;
  std::string detail;           ///< what else matters ("scale=0.0078 bias=-1")
  std::size_t file_offset = 0;  ///< of the layer's body
  std::size_t file_bytes = 0;
  std::optional<KpuLayerInfo> kpu;
};

/// What a file says about itself.
struct ModelInfo {
  Format format = Format::kV3;
  std::string variant;                ///< "word-swapped", an opcode numbering; may be empty
  bool eight_bit = true;              ///< weights of the KPU layers
  std::size_t main_memory_bytes = 0;  ///< working memory besides AI RAM
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  std::vector<LayerInfo> layers;  ///< in the order they run
  /// "not implemented: ..." with every function and its operands; empty if the network can run.
  /// Such a file loads so that it can be listed: its instructions in the order of the file, without
  /// shapes, but KPU layers in full.
  std::string missing;

  std::size_t kpu_layer_count() const;
  /// The KPU layers, in the order they run.
  std::vector<KpuLayerInfo> kpu_layers() const;
};

/// A loaded network. Everything in the file has been checked: running it cannot leave its buffers.
class Model {
 public:
  virtual ~Model() = default;

  const ModelInfo& info() const { return info_; }

  /// Runs the network; run_network() is the way to call it. `inputs` has the sizes of
  /// info().inputs; the result has one entry per info().outputs. KPU layers go to `kpu`; when it
  /// says that enough layers ran, the outputs are empty.
  virtual std::vector<std::vector<std::uint8_t>> run(
      const std::vector<std::vector<std::uint8_t>>& inputs, KpuQueue& kpu,
      const Profile& profile) const = 0;

 protected:
  ModelInfo info_;
};

struct LoadOptions {
  /// Tensor-function numbering of a v5 file ("1.0.0-rc1", "1.0.0", ...); empty: found by trial.
  std::string v5_numbering;
  /// Which part of a kfpkg package; empty: its only kmodel.
  std::string part;
};

/// Loads a kmodel of any known format, also from a kfpkg package, or with the bytes of every 32-bit
/// word swapped (v3 only: such files are in circulation). Throws Error with one line that names the
/// layer and the field for a file that is damaged or cannot run, and for options that do not fit
/// it.
std::unique_ptr<Model> load_model(std::vector<std::uint8_t> file, const LoadOptions& options = {});

/// "v1", "v3", "v4", "v5".
const char* to_string(Format format);

}  // namespace kpu::golden
