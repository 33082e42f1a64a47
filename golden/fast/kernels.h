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

/// Widest image.
inline constexpr std::size_t kMostColumns = 1024;

/// From the sum of products to norm, for one output channel.
struct ChannelTerms {
  std::int32_t constant;  ///< the part of conv that is the same at all positions
  std::int32_t mul;
  std::int32_t shift;
  std::int64_t add;     ///< norm_add less the start of the table, line or list
  float slope, offset;  ///< of kRelu: the output is (conv * mul >> shift) * slope + offset, rounded
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
  std::size_t group;    ///< input channels packed into 32 bits: 4 with 8-bit weights if the machine
                        ///< multiplies bytes, else 2
  std::size_t vectors;  ///< vectors of positions computed together: 1, 2 or 4
  std::size_t lanes;    ///< positions in one of them

  std::size_t positions() const { return vectors * lanes; }
};

ConvShape conv_shape(bool eight_bit);

/// Output channels are computed in blocks of that many; the last block has as many as are left,
/// and one more if that is odd.
inline constexpr std::size_t kBlock = 6;
constexpr std::size_t block_channels(std::size_t left) {
  return left >= kBlock ? kBlock : (left + 1) / 2 * 2;
}

/// Where the rows of an image lie and how they become the rows of a plane, with the border of one
/// pixel that a 3x3 kernel needs.
struct ImageRows {
  std::size_t row_stride;  ///< bytes
  std::size_t height, width;
  std::size_t border;  ///< 0 or 1
  bool nearest;        ///< the border repeats the nearest pixel, else it is pad_value
  std::uint8_t pad_value;
};

/// Packs some input channels into one number a pixel, channel i in bits 32 / group * i and up.
/// Pixel (row, column), its border counted, goes to phase plane (row % step) * step + column %
/// step, and there to row / step and column / step.
struct PackTask {
  ImageRows rows;
  const std::uint8_t* sources[4];  ///< first rows; null: a channel of zeros, border and all
  std::size_t group;               ///< 2 or 4
  std::size_t step;                ///< 1, 2 or 4
  unsigned phases;                 ///< a bit for each phase plane that is needed
  std::size_t plane_width;         ///< of a phase plane
  std::size_t phase_plane;         ///< elements from one phase plane to the next
  std::uint32_t* line;             ///< room for a row with its border; not for step 1
  std::uint32_t* out;
};

void pack_planes(const PackTask& task);

/// One channel to 16 bits a pixel, with its border.
void widen_plane(const ImageRows& rows, const std::uint8_t* source, std::uint16_t* out);

/// One layer's convolution. With max_pool each position is a 2x2 window of the convolution: its
/// four results are computed side by side and the greatest of them goes to the activation.
struct ConvTask {
  ConvShape shape;
  const std::uint32_t* pixels;  ///< [input group][plane], packed
  std::size_t plane;            ///< elements from one input group to the next
  std::size_t groups;
  const std::size_t* offsets;  ///< [pass][tap][vector]: the pixel of position 0. With max_pool the
                               ///< vectors of all passes are the four results of a window, else
                               ///< there is one pass and vector v is v * lanes positions further
  std::size_t taps;
  bool max_pool;
  const std::int32_t* weights;  ///< [output block][input group][tap][channel], packed
  bool pixel_terms;             ///< of the two members below; else there are none
  std::int32_t arg_x, shr_x;    ///< conv has (arg_x * sum of pixels) >> shr_x ..
  std::int32_t weight_offset;   ///< .. and what was taken off each weight
  std::size_t positions;
  const ChannelTerms* channels;  ///< of all blocks, also of channels that are not there
  std::size_t out_channels;
  ActTask activation;
  std::uint8_t* out;  ///< [output channel][out_stride]; not a byte beyond `positions` is written
  std::size_t out_stride;  ///< positions or more
};

/// Computes positions begin .. end - 1 of all output channels; begin is a multiple of
/// ConvShape::positions() and end, too, unless it is `positions`.
void convolve(const ConvTask& task, std::size_t begin, std::size_t end);

/// One channel of a depthwise layer.
struct DepthwiseTask {
  const std::uint16_t* pixels;  ///< one plane
  const std::size_t* tap_offsets;
  std::size_t taps;             ///< 1 or 9
  const std::int32_t* weights;  ///< one a tap
  bool pairs;                   ///< weights fit 16 signed bits, and arg_x is 0
  std::int32_t arg_x, shr_x;
  std::size_t positions;
  ChannelTerms channel;
  ActTask activation;
  std::uint8_t* act;  ///< with kSlack
};

void convolve_depthwise(const DepthwiseTask& task);

/// The targets that are compiled in and that this machine can run, as Highway numbers them.
std::vector<std::int64_t> targets();

/// Name of the target in use ("AVX3_DL", "AVX2", "EMU128", ...).
const char* target_name();

}  // namespace kpu::golden::fast
