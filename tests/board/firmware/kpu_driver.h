/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "board.h"

/// A network as the twelve words of each of its layers, which run one after the other as the vendor's
/// driver has them run: the next one is pushed when an interrupt says that the layer FIFO is almost
/// empty, the last one when a DMA channel waits for its output.
typedef struct {
  const u64 *words;
  u32 layers;
  u64 output;        ///< where the last layer's output goes
  u32 output_words;
  u32 next;          ///< layer to push
} kpu_network;

/// Starts the network; kpu_interrupt() goes on with it. Over when DMA channel 5 interrupts.
void kpu_start(kpu_network *network);
/// Called for an interrupt of the KPU.
void kpu_interrupt(void);
