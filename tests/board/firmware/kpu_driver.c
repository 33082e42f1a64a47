// SPDX-License-Identifier: Apache-2.0
#include "kpu_driver.h"

static kpu_network *running;

static void push_next(void) {
  if (running->next + 1 == running->layers) {
    REG64(kKpu + 0x18) = 7;  // no more interrupts of the KPU
    dma(5, kKpu + 0x30, running->output, 3 << 8 | 3 << 11 | 1 << 4, 2ul << 32,
        running->output_words);
  }
  const u64 *const words = running->words + 12 * running->next++;
  for (u32 i = 0; i < 12; ++i) REG64(kKpu + 0x00) = words[i];
}

void kpu_start(kpu_network *network) {
  running = network;
  running->next = 0;
  REG32(kSysctl + 0x68) = 22;  // channel 5 listens to the KPU
  REG64(kKpu + 0x20) = 7;
  REG64(kKpu + 0x28) = 0x1A;   // full from 10 layers on, empty up to 1
  REG64(kKpu + 0x40) = 1;
  REG64(kKpu + 0x18) = 5;      // almost empty only
  push_next();
}

void kpu_interrupt(void) {
  REG64(kKpu + 0x20) = 7;
  if (running && running->next < running->layers) push_next();
}
