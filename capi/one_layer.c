/* SPDX-License-Identifier: Apache-2.0
 *
 * Example of the C interface: one convolution layer on the simulated KPU, started with loads and
 * stores at the chip's addresses only, as a driver on the K210 would, and checked against a few
 * lines of C. Prints what it did; exit code 0 if every pixel is right.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "openkpu.h"

/* The system, docs/system.md */
#define SRAM UINT32_C(0x40000000)
#define AI_RAM UINT32_C(0x40600000)
#define KPU UINT32_C(0x40800000)

/* The KPU's registers, docs/registers.md */
#define LAYER_ARGUMENT_FIFO (KPU + 0x00)
#define INTERRUPT_MASK (KPU + 0x18)
#define INTERRUPT_CLEAR (KPU + 0x20)
#define FIFO_CTRL (KPU + 0x38)
#define EIGHT_BIT_MODE (KPU + 0x40)
#define STATUS (KPU + 0x110)
#define CYCLES (KPU + 0x140)

/* The layer: 3x3, one input channel, two output channels, a picture of one line per row */
enum { WIDTH = 64, HEIGHT = 8, CHANNELS = 2, TAPS = 9, SHIFT = 4 };
enum { SRC_LINE = 0, DST_LINE = HEIGHT, LINE_BYTES = 64 };

#define WEIGHTS (SRAM + 0x0000)
#define BATCH_NORM (SRAM + 0x1000)
#define ACTIVATION (SRAM + 0x2000)

static const uint8_t weights[CHANNELS][TAPS] = {
    {1, 2, 1, 2, 4, 2, 1, 2, 1}, /* a blur */
    {0, 0, 0, 0, 16, 0, 0, 0, 0} /* the picture itself */
};

static openkpu_system* kpu;

static void check(int result) {
  if (result != OPENKPU_OK) {
    fprintf(stderr, "one_layer: %s\n", openkpu_error(kpu));
    exit(1);
  }
}

static void store(uint32_t address, unsigned bits, uint64_t value) {
  check(openkpu_write(kpu, address, bits, value));
}

static uint64_t load(uint32_t address, unsigned bits) {
  uint64_t value = 0;
  check(openkpu_read(kpu, address, bits, &value));
  return value;
}

static uint8_t pixel(int row, int column) {
  if (row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH) return 0; /* the padding */
  return (uint8_t)(7 * row * row + 3 * column + (column % 5) * 20);
}

/* What the KPU should give: the weighted sum, shifted and clamped. */
static uint8_t expected(int channel, int row, int column) {
  unsigned sum = 0;
  for (int t = 0; t < TAPS; ++t) {
    sum += (unsigned)weights[channel][t] * pixel(row + t / 3 - 1, column + t % 3 - 1);
  }
  sum >>= SHIFT;
  return sum > 255 ? 255 : (uint8_t)sum;
}

static void store_tables(void) {
  for (int c = 0; c < CHANNELS; ++c) {
    for (int t = 0; t < TAPS; ++t) {
      store(WEIGHTS + (uint32_t)(c * TAPS + t), 8, weights[c][t]);
    }
    /* norm = conv * 1 >> SHIFT, + 0 */
    store(BATCH_NORM + (uint32_t)c * 8, 64, UINT64_C(1) | (uint64_t)SHIFT << 56);
  }
  /* One segment from 0 on with slope 1; the other fifteen begin out of reach. */
  for (uint32_t s = 0; s < 16; ++s) {
    const uint64_t start = s == 0 ? 0 : UINT64_C(0x7FFFFFFFF);
    store(ACTIVATION + s * 8, 64, UINT64_C(1) << 8 | start << 24);
    store(ACTIVATION + 128 + s, 8, 0);
  }
}

static void store_picture(void) {
  for (int row = 0; row < HEIGHT; ++row) {
    for (int column = 0; column < WIDTH; ++column) {
      store(AI_RAM + (uint32_t)((SRC_LINE + row) * LINE_BYTES + column), 8, pixel(row, column));
    }
  }
}

static void start_layer(void) {
  const uint64_t words[12] = {
      1,                                                            /* int_en */
      SRC_LINE | (uint64_t)DST_LINE << 32,                          /* addresses in lines */
      (uint64_t)(CHANNELS - 1) << 32 | (uint64_t)(CHANNELS - 1) << 48,
      (WIDTH - 1) | (HEIGHT - 1) << 10 | (uint64_t)(WIDTH - 1) << 32 |
          (uint64_t)(HEIGHT - 1) << 42,
      1 | 1 << 10 | 15 << 16 | (uint64_t)BATCH_NORM << 32,          /* 3x3, load_para */
      1 | (CHANNELS * TAPS) << 15 | (uint64_t)WEIGHTS << 32,        /* load_coor, para_size */
      0,
      HEIGHT | 1 << 16 | 1 << 28 | UINT64_C(1) << 31 | (uint64_t)ACTIVATION << 32,
      HEIGHT | 1 << 16 | 1 << 20,                                   /* output: same layout */
      0,
      0,
      (uint64_t)(WIDTH * HEIGHT - 1) << 16 | (uint64_t)(CHANNELS * WIDTH * HEIGHT - 1) << 32,
  };
  for (int i = 0; i < 12; ++i) store(LAYER_ARGUMENT_FIFO, 64, words[i]);
}

static int count_wrong_pixels(void) {
  int wrong = 0;
  for (int c = 0; c < CHANNELS; ++c) {
    for (int row = 0; row < HEIGHT; ++row) {
      for (int column = 0; column < WIDTH; ++column) {
        const uint32_t line = (uint32_t)(DST_LINE + c * HEIGHT + row);
        const uint64_t got = load(AI_RAM + line * LINE_BYTES + (uint32_t)column, 8);
        if (got != expected(c, row, column)) ++wrong;
      }
    }
  }
  return wrong;
}

int main(void) {
  char error[200];
  kpu = openkpu_create(NULL, error, sizeof error);
  if (kpu == NULL) {
    fprintf(stderr, "one_layer: %s\n", error);
    return 1;
  }
  store_tables();
  store_picture();

  store(FIFO_CTRL, 64, 0x1F);
  store(EIGHT_BIT_MODE, 64, 1);
  store(INTERRUPT_CLEAR, 64, 7);
  store(INTERRUPT_MASK, 64, 6); /* calc_done may interrupt */
  start_layer();
  check(openkpu_run(kpu, 100000));
  if ((openkpu_interrupts(kpu) & OPENKPU_IRQ_KPU) == 0) {
    fprintf(stderr, "one_layer: no interrupt, status %#" PRIx64 "\n", load(STATUS, 64));
    return 1;
  }
  store(INTERRUPT_CLEAR, 64, 1);

  const int wrong = count_wrong_pixels();
  printf("one_layer: %d pixels, %d wrong; %" PRIu64 " cycles of the KPU, status %#" PRIx64 "\n",
         CHANNELS * HEIGHT * WIDTH, wrong, load(CYCLES, 64), load(STATUS, 64));
  openkpu_destroy(kpu);
  return wrong == 0 ? 0 : 1;
}
