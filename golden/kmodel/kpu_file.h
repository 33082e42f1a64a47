// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/field_reader.h"
#include "golden/kmodel/kmodel.h"

namespace kpu::golden {

/// Bytes that may lack at the end of the last layer's body (v3, v4): writers moved on over its padding without writing it.
inline constexpr std::size_t kMissingTail = 7;

inline constexpr std::size_t kLayerWordBytes = kLayerWords * 8;

/// The twelve words stored at the start of `bytes`, which has kLayerWordBytes or more.
LayerWords load_words(std::span<const std::uint8_t> bytes);

/// A KPU layer of formats v1 and v3: its words, and its tables at absolute file offsets. Throws
/// Error, with the reader's place, if the layer cannot run or a table leaves the file.
KpuLayerInfo kpu_layer_at_offsets(const FieldReader& reader, std::span<const std::uint8_t> words,
                                  bool eight_bit, std::uint32_t weights_offset,
                                  std::uint32_t bn_offset, std::uint32_t act_offset);

/// Throws Error, with the reader's place, unless all images of the batch fit AI RAM.
void require_batches(const KpuLayerInfo& kpu, const FieldReader& reader);

/// Fills in the shapes of a layer whose `kpu` is set.
void describe_kpu_layer(LayerInfo& layer);

/// "3x240x320".
std::string dims_text(const std::vector<std::uint32_t>& dims);

/// Dimensions from such a text; none if it is something else.
std::vector<std::uint32_t> dims_of(const std::string& text);

/// Floats as they lie in memory, little endian.
std::vector<std::uint8_t> float_bytes(std::span<const float> values);

}  // namespace kpu::golden
