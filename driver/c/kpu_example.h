/* SPDX-License-Identifier: Apache-2.0
 *
 * A network of two layers for the driver, small enough to read, with what it has to give: a first
 * program on a new design. 3x3 with 2x2 max pooling, 2 to 3 channels of 40x12 pixels, then 1x1, 3
 * to 4 channels. Takes 48 lines of AI RAM, which every configuration has.
 */
#ifndef KPU_EXAMPLE_H
#define KPU_EXAMPLE_H

#include "kpu.h"

#ifdef __cplusplus
extern "C" {
#endif

#define KPU_EXAMPLE_BYTES 1024

/* Weights, batch norm and activation tables of both layers, to be put where m_axi sees them. */
void kpu_example_tables(uint8_t tables[KPU_EXAMPLE_BYTES]);

/* Runs both layers and compares every pixel of both outputs with a few lines of C. `tables` is
 * their address for m_axi, a multiple of 8. Returns how many pixels are wrong, or one of enum
 * kpu_result; `cycles`, which may be NULL, gets those of each layer, 0 on a machine without
 * counters. */
int kpu_example_run(const struct kpu_device* kpu, uint32_t tables, uint64_t cycles[2]);

#ifdef __cplusplus
}
#endif

#endif
