/* SPDX-License-Identifier: Apache-2.0 */
#include "kpu_example.h"

enum { WIDTH = 40, HEIGHT = 12, FIRST = 2, MIDDLE = 3, LAST = 4, TAPS = 9 };
enum { HALF_WIDTH = WIDTH / 2, HALF_HEIGHT = HEIGHT / 2, SHIFT = 4, POLLS = 1000000 };

/* Places in the tables, multiples of 8; a batch norm has 8 bytes a channel, an activation 256. */
enum { WEIGHTS_A = 0, NORM_A = 64, ACTIVATION = 96, WEIGHTS_B = 352, NORM_B = 368 };

/* First lines of the images. */
enum { LINE_IN = 0, LINE_MIDDLE = FIRST * HEIGHT, LINE_OUT = LINE_MIDDLE + 2 * HALF_HEIGHT };

static const uint8_t weights_a[MIDDLE][FIRST][TAPS] = {
    {{1, 2, 1, 2, 4, 2, 1, 2, 1}, {0}},                          /* a blur of channel 0 */
    {{0}, {0, 0, 0, 0, 16, 0, 0, 0, 0}},                         /* channel 1 as it is */
    {{0, 0, 0, 0, 0, 8, 0, 0, 0}, {0, 4, 0, 0, 0, 0, 0, 4, 0}}}; /* neighbours of both */
static const uint8_t weights_b[LAST][MIDDLE] = {{16, 0, 0}, {0, 8, 8}, {5, 5, 5}, {1, 2, 40}};

static uint8_t pixel(int channel, int row, int column) {
  if (row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH) return 0; /* the padding */
  return (uint8_t)(7 * row * row + 3 * column + (column % 5) * 20 + 90 * channel);
}

static uint8_t activated(unsigned sum) {
  return (sum >> SHIFT) > 255 ? 255 : (uint8_t)(sum >> SHIFT);
}

/* What the first layer has to give: the largest of four results. */
static uint8_t middle_pixel(int channel, int row, int column) {
  uint8_t most = 0;
  for (int part = 0; part < 4; ++part) {
    unsigned sum = 0;
    for (int from = 0; from < FIRST; ++from) {
      for (int tap = 0; tap < TAPS; ++tap) {
        sum += (unsigned)weights_a[channel][from][tap] *
               pixel(from, 2 * row + part / 2 + tap / 3 - 1, 2 * column + part % 2 + tap % 3 - 1);
      }
    }
    if (activated(sum) > most) most = activated(sum);
  }
  return most;
}

static uint8_t last_pixel(int channel, int row, int column) {
  unsigned sum = 0;
  for (int from = 0; from < MIDDLE; ++from) {
    sum += (unsigned)weights_b[channel][from] * middle_pixel(from, row, column);
  }
  return activated(sum);
}

static void put64(uint8_t* at, uint64_t value) {
  for (int byte = 0; byte < 8; ++byte) at[byte] = (uint8_t)(value >> (8 * byte));
}

void kpu_example_tables(uint8_t tables[KPU_EXAMPLE_BYTES]) {
  for (int i = 0; i < KPU_EXAMPLE_BYTES; ++i) tables[i] = 0;
  for (int to = 0; to < MIDDLE; ++to) {
    for (int i = 0; i < FIRST * TAPS; ++i) {
      tables[WEIGHTS_A + to * FIRST * TAPS + i] = weights_a[to][i / TAPS][i % TAPS];
    }
  }
  for (int to = 0; to < LAST; ++to) {
    for (int i = 0; i < MIDDLE; ++i) tables[WEIGHTS_B + to * MIDDLE + i] = weights_b[to][i];
  }
  /* norm = conv * 1 >> SHIFT, + 0 */
  const uint64_t norm = UINT64_C(1) | (uint64_t)SHIFT << 56;
  for (int i = 0; i < MIDDLE; ++i) put64(tables + NORM_A + 8 * i, norm);
  for (int i = 0; i < LAST; ++i) put64(tables + NORM_B + 8 * i, norm);
  /* One segment from 0 on with slope 1; the other fifteen begin out of reach. */
  for (int i = 0; i < 16; ++i) {
    const uint64_t start = i == 0 ? 0 : UINT64_C(0x7FFFFFFFF);
    put64(tables + ACTIVATION + 8 * i, UINT64_C(1) << 8 | start << 24);
  }
}

/* Runs one layer to its end. */
static int run(const struct kpu_device* kpu, const struct kpu_layer* layer, uint64_t* cycles) {
  uint64_t words[KPU_LAYER_WORDS];
  int error = kpu_layer_words(layer, words);
  if (error != KPU_OK) return error;
  const uint32_t done = kpu_layers_done(kpu);
  error = kpu_push(kpu, words);
  if (error != KPU_OK) return error;
  error = kpu_wait(kpu, done + 1, POLLS, NULL);
  *cycles = kpu_counter(kpu, 0);
  return error;
}

/* Pixels of an image that are not as they have to be. */
static int count_wrong(const struct kpu_device* kpu, const struct kpu_image* image,
                       uint8_t (*right)(int channel, int row, int column)) {
  static uint8_t got[LAST * HALF_HEIGHT * HALF_WIDTH];
  const uint8_t* at = got;
  int wrong = kpu_read_image(kpu, image, got);
  for (int channel = 0; channel < image->channels; ++channel) {
    for (int row = 0; row < image->height; ++row) {
      for (int column = 0; column < image->width; ++column)
        wrong += *at++ != right(channel, row, column);
    }
  }
  return wrong;
}

int kpu_example_run(const struct kpu_device* kpu, uint32_t tables, uint64_t cycles[2]) {
  static uint8_t input[FIRST * HEIGHT * WIDTH];
  static const struct kpu_image in = {LINE_IN, FIRST, HEIGHT, WIDTH};
  static const struct kpu_image middle = {LINE_MIDDLE, MIDDLE, HALF_HEIGHT, HALF_WIDTH};
  static const struct kpu_image out = {LINE_OUT, LAST, HALF_HEIGHT, HALF_WIDTH};
  uint64_t unused[2];
  if (cycles == NULL) cycles = unused;

  const struct kpu_layer a = {.in_channels = FIRST,
                              .out_channels = MIDDLE,
                              .in_height = HEIGHT,
                              .in_width = WIDTH,
                              .src_line = LINE_IN,
                              .dst_line = LINE_MIDDLE,
                              .kernel = 3,
                              .pool = 1,
                              .eight_bit = true,
                              .weights = tables + WEIGHTS_A,
                              .batch_norm = tables + NORM_A,
                              .activation = tables + ACTIVATION};
  const struct kpu_layer b = {.in_channels = MIDDLE,
                              .out_channels = LAST,
                              .in_height = HALF_HEIGHT,
                              .in_width = HALF_WIDTH,
                              .src_line = LINE_MIDDLE,
                              .dst_line = LINE_OUT,
                              .kernel = 1,
                              .eight_bit = true,
                              .weights = tables + WEIGHTS_B,
                              .batch_norm = tables + NORM_B,
                              .activation = tables + ACTIVATION};
  uint8_t* at = input;
  for (int channel = 0; channel < FIRST; ++channel) {
    for (int row = 0; row < HEIGHT; ++row) {
      for (int column = 0; column < WIDTH; ++column) *at++ = pixel(channel, row, column);
    }
  }
  int error = kpu_set_weight_bits(kpu, 8);
  if (error == KPU_OK) error = kpu_write_image(kpu, &in, input);
  if (error == KPU_OK) error = run(kpu, &a, &cycles[0]);
  if (error == KPU_OK) error = run(kpu, &b, &cycles[1]);
  if (error != KPU_OK) return error;
  return count_wrong(kpu, &middle, middle_pixel) + count_wrong(kpu, &out, last_pixel);
}
