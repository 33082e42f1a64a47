// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "golden/fast/act_lut.h"
#include "golden/fast/act_steps.h"

namespace kpu::golden::fast {

/// The vectorised inner loops, compiled for every target that Highway knows and chosen at run time.
///
/// Sums are 32-bit and wrap; a plan makes sure that conv itself fits 32 bits, so it comes out exact
/// whatever its terms did on the way. "Positions" run through a plane row by row including its
/// border columns; what is computed for those is thrown away.

/// Every buffer that is read or written in whole vectors has room for so many elements more.
inline constexpr std::size_t kSlack = 256;

/// From the sum of products to norm, for one output channel.
struct ChannelTerms {
  std::int32_t constant;  ///< the part of conv that is the same at all positions
  std::int32_t mul;
  std::int32_t shift;
  std::int64_t add;  ///< norm_add less the start of the table, line or list
};

/// The activation of a layer, ready to be computed.
struct ActTask {
  ActMode mode;
  const ActLut* lut;
  const ActSteps* steps;        ///< of kSteps
  std::atomic<bool>* too_wide;  ///< set if a norm does not fit 36 bits; of kSteps
};

/// How a convolution over all input channels is laid out for this machine.
struct ConvShape {
  std::size_t group;  ///< input channels packed into 32 bits: 4 with 8-bit weights if the machine
                      ///< multiplies bytes, else 2
  std::size_t block;  ///< output channels computed together
};

ConvShape conv_shape(bool eight_bit);

/// One layer's convolution.
struct ConvTask {
  ConvShape shape;
  const std::uint32_t* pixels;  ///< [input group][positions of a plane], packed
  std::size_t plane;            ///< elements from one input group to the next
  std::size_t groups;
  const std::size_t* tap_offsets;  ///< position of each tap
  std::size_t taps;
  const std::int32_t* weights;         ///< [output block][input group][tap][channel], packed
  const std::int32_t* position_terms;  ///< added to every channel's sum
  std::size_t positions;
  const ChannelTerms* channels;
  std::size_t out_channels;
  ActTask activation;
  std::uint8_t* act;       ///< [output channel][act_stride]
  std::size_t act_stride;  ///< positions or more
};

/// Computes positions begin .. end - 1 of all output channels; begin is a multiple of
/// position_step() and end, too, unless it is `positions`.
void convolve(const ConvTask& task, std::size_t begin, std::size_t end);
std::size_t position_step();

/// One channel of a depthwise layer.
struct DepthwiseTask {
  const std::uint8_t* pixels;  ///< one plane
  const std::size_t* tap_offsets;
  std::size_t taps;
  const std::int32_t* weights;  ///< one a tap
  bool byte_weights;            ///< all of them are 0..255
  std::int32_t arg_x;
  std::int32_t shr_x;
  std::size_t positions;
  ChannelTerms channel;
  ActTask activation;
  std::uint8_t* act;
};

void convolve_depthwise(const DepthwiseTask& task);

/// out[i] = a[i] | b[i] << 8 * (4 / group) | ..: packs `group` (2 or 4) planes.
void pack_planes(const std::uint8_t* const* planes, std::size_t group, std::uint32_t* out,
                 std::size_t count);

/// sums[i] += the sum of the channels packed in pixels[i].
void add_packed(const std::uint32_t* pixels, std::size_t group, std::int32_t* sums,
                std::size_t count);

/// terms[p] = ((arg_x * s) >> shr_x) + weight_offset * s with s the sum of pixel_sums over the taps
/// at position p.
struct PositionTask {
  const std::int32_t* pixel_sums;
  const std::size_t* tap_offsets;
  std::size_t taps;
  std::int32_t arg_x, shr_x, weight_offset;
  std::int32_t* terms;
  std::size_t positions;
};

void sum_positions(const PositionTask& task);

/// Maximum over 2x2 pixels of two rows, for `columns` outputs.
void max_pool_rows(const std::uint8_t* top, const std::uint8_t* bottom, std::uint8_t* out,
                   std::size_t columns);

/// The targets that are compiled in and that this machine can run, as Highway numbers them.
std::vector<std::int64_t> targets();

/// Name of the target in use ("AVX3_DL", "AVX2", "EMU128", ...).
const char* target_name();

}  // namespace kpu::golden::fast
