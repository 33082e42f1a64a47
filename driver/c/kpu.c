/* SPDX-License-Identifier: Apache-2.0 */
#include "kpu.h"

#ifndef KPU_BUS_BITS
#define KPU_BUS_BITS 32
#endif

#ifdef KPU_PORT
#include KPU_PORT
#else
static inline uint32_t kpu_port_read32(uintptr_t address) { return *(volatile uint32_t*)address; }
static inline void kpu_port_write32(uintptr_t address, uint32_t value) {
  *(volatile uint32_t*)address = value;
}
#if KPU_BUS_BITS == 64
static inline uint64_t kpu_port_read64(uintptr_t address) { return *(volatile uint64_t*)address; }
static inline void kpu_port_write64(uintptr_t address, uint64_t value) {
  *(volatile uint64_t*)address = value;
}
#endif
#endif

/* Registers */

uint64_t kpu_read_reg(const struct kpu_device* kpu, uint32_t offset) {
#if KPU_BUS_BITS == 64
  return kpu_port_read64(kpu->regs + offset);
#else
  /* The low half first: of fifo_data_out it brings the high one along. */
  const uint32_t low = kpu_port_read32(kpu->regs + offset);
  return (uint64_t)kpu_port_read32(kpu->regs + offset + 4) << 32 | low;
#endif
}

static uint32_t read_low(const struct kpu_device* kpu, uint32_t offset) {
  return kpu_port_read32(kpu->regs + offset);
}

void kpu_write_reg(const struct kpu_device* kpu, uint32_t offset, uint32_t value) {
#if KPU_BUS_BITS == 64
  kpu_port_write64(kpu->regs + offset, value);
#else
  kpu_port_write32(kpu->regs + offset, value);
#endif
}

static void write_argument(const struct kpu_device* kpu, uint64_t word) {
#if KPU_BUS_BITS == 64
  kpu_port_write64(kpu->regs + KPU_REG_LAYER_ARGUMENT_FIFO, word);
#else
  /* The high half pushes both. */
  kpu_port_write32(kpu->regs + KPU_REG_LAYER_ARGUMENT_FIFO, (uint32_t)word);
  kpu_port_write32(kpu->regs + KPU_REG_LAYER_ARGUMENT_FIFO + 4, (uint32_t)(word >> 32));
#endif
}

static uint32_t field(uint64_t value, unsigned low, unsigned width) {
  return (uint32_t)(value >> low & ((UINT64_C(1) << width) - 1));
}

/* A number of lanes of the register "config". */
static uint16_t lanes(uint32_t value) { return value == 0 ? 256 : (uint16_t)value; }

/* Machine */

int kpu_init(struct kpu_device* kpu, uintptr_t regs, uintptr_t ram) {
  kpu->regs = regs;
  kpu->ram = ram;
  if (kpu_read_reg(kpu, KPU_REG_ID) >> 32 != KPU_ID_VALUE) return KPU_ERR_NO_DEVICE;
  const uint64_t config = kpu_read_reg(kpu, KPU_REG_CONFIG);
  kpu->lanes = lanes(field(config, KPU_CONFIG_LANES));
  kpu->lines = field(config, KPU_CONFIG_AI_LINES);
  kpu->weight_rows = field(config, KPU_CONFIG_WEIGHT_ROWS);
  kpu->post_lanes = lanes(field(config, KPU_CONFIG_POST_LANES));
  kpu->layer_fifo = (uint8_t)field(config, KPU_CONFIG_LAYER_FIFO);
  kpu->out_fifo = (uint8_t)field(config, KPU_CONFIG_OUT_FIFO);
  kpu->left_out = (uint8_t)kpu_read_reg(kpu, KPU_REG_LEFT_OUT);
  kpu_flush(kpu);
  kpu_irq_enable(kpu, 0);
  kpu_irq_clear(kpu, KPU_INT_ALL);
  kpu_write_reg(kpu, KPU_REG_STATUS, KPU_STATUS_ALL);
  return KPU_OK;
}

void kpu_flush(const struct kpu_device* kpu) {
  kpu_write_reg(kpu, KPU_REG_FIFO_CTRL, 0);
  kpu_write_reg(kpu, KPU_REG_FIFO_CTRL, KPU_FIFO_CTRL_RUN);
}

int kpu_set_weight_bits(const struct kpu_device* kpu, unsigned bits) {
  if (bits != 8 && bits != 16) return KPU_ERR_ARGUMENT;
  if (bits == 16 && (kpu->left_out & KPU_LEFT_OUT_WEIGHTS16)) return KPU_ERR_ARGUMENT;
  kpu_write_reg(kpu, KPU_REG_EIGHT_BIT_MODE, bits == 8);
  return KPU_OK;
}

/* Images */

static uint32_t channels_a_line(uint32_t width) { return width <= 16 ? 4 : width <= 32 ? 2 : 1; }
static uint32_t lines_a_row(uint32_t width) {
  return (width + KPU_LINE_BYTES - 1) / KPU_LINE_BYTES;
}

uint32_t kpu_image_lines(const struct kpu_image* image) {
  const uint32_t share = channels_a_line(image->width);
  return (image->channels + share - 1) / share * image->height * lines_a_row(image->width);
}

/* Address in AI RAM of the first pixel of a row. */
static uintptr_t row_address(const struct kpu_device* kpu, const struct kpu_image* image,
                             uint32_t channel, uint32_t row) {
  const uint32_t share = channels_a_line(image->width);
  const uint32_t line =
      image->line + (channel / share * image->height + row) * lines_a_row(image->width);
  return kpu->ram + (uintptr_t)line * KPU_LINE_BYTES + channel % share * (KPU_LINE_BYTES / share);
}

static int check_image(const struct kpu_device* kpu, const struct kpu_image* image) {
  const bool empty = image->channels == 0 || image->height == 0 || image->width == 0;
  return empty || image->line + kpu_image_lines(image) > kpu->lines ? KPU_ERR_ARGUMENT : KPU_OK;
}

int kpu_write_image(const struct kpu_device* kpu, const struct kpu_image* image,
                    const uint8_t* planar) {
  if (check_image(kpu, image) != KPU_OK) return KPU_ERR_ARGUMENT;
  const uint32_t share = channels_a_line(image->width);
  const uint32_t row_bytes =
      share > 1 ? KPU_LINE_BYTES / share : lines_a_row(image->width) * KPU_LINE_BYTES;
  /* Up to whole groups of channels: what no channel uses becomes zero. */
  for (uint32_t channel = 0; channel < (image->channels + share - 1) / share * share; ++channel) {
    for (uint32_t row = 0; row < image->height; ++row) {
      const uintptr_t to = row_address(kpu, image, channel, row);
      const uint32_t pixels = channel < image->channels ? image->width : 0;
      for (uint32_t at = 0; at < row_bytes; at += 4) {
        uint32_t word = 0;
        for (uint32_t b = 0; b < 4 && at + b < pixels; ++b)
          word |= (uint32_t)planar[at + b] << (8 * b);
        kpu_port_write32(to + at, word);
      }
      planar += pixels;
    }
  }
  return KPU_OK;
}

int kpu_read_image(const struct kpu_device* kpu, const struct kpu_image* image, uint8_t* planar) {
  if (check_image(kpu, image) != KPU_OK) return KPU_ERR_ARGUMENT;
  for (uint32_t channel = 0; channel < image->channels; ++channel) {
    for (uint32_t row = 0; row < image->height; ++row) {
      const uintptr_t from = row_address(kpu, image, channel, row);
      for (uint32_t at = 0; at < image->width; at += 4) {
        const uint32_t word = kpu_port_read32(from + at);
        for (uint32_t b = 0; b < 4 && at + b < image->width; ++b)
          *planar++ = (uint8_t)(word >> (8 * b));
      }
    }
  }
  return KPU_OK;
}

/* Layers */

static void put(uint64_t words[KPU_LAYER_WORDS], unsigned word, unsigned low, unsigned width,
                unsigned minus, uint64_t value) {
  words[word] |= ((value - minus) & ((UINT64_C(1) << width) - 1)) << low;
}

static unsigned step(const struct kpu_layer* layer) {
  static const uint8_t of_pool[] = {1, 2, 2, 4, 4, 2, 2, 4, 1, 1};
  return layer->stride2 ? 2 : of_pool[layer->pool];
}

void kpu_output_size(const struct kpu_layer* layer, uint16_t* height, uint16_t* width) {
  const unsigned by = step(layer), more = layer->stride2;
  *height = (uint16_t)((layer->in_height + more) / by);
  *width = (uint16_t)((layer->in_width + more) / by);
}

static bool within(uint32_t value, uint32_t low, uint32_t high) {
  return value >= low && value <= high;
}
static bool fits(int64_t value, unsigned bits) {
  return value >= -(INT64_C(1) << (bits - 1)) && value < INT64_C(1) << (bits - 1);
}

static bool in_range(const struct kpu_layer* l) {
  return within(l->in_channels, 1, 1024) && within(l->out_channels, 1, 1024) &&
         within(l->in_height, 1, 512) && within(l->in_width, 1, 1024) && l->src_line < 32768 &&
         l->dst_line < 32768 && (l->kernel == 1 || l->kernel == 3) && l->pool <= 9 &&
         !(l->stride2 && l->pool != 0) && !(l->depthwise && l->in_channels != l->out_channels) &&
         fits(l->arg_x, 24) && fits(l->arg_w, 24) && fits(l->arg_add, 40) && l->shr_x < 16 &&
         l->shr_w < 16;
}

static void put_image(uint64_t words[KPU_LAYER_WORDS], bool output, uint32_t height,
                      uint32_t width) {
  const uint32_t lines = lines_a_row(width), share = channels_a_line(width);
  if (output) {
    put(words, KPU_FIELD_WB_CHANNEL_SWITCH_ADDR, height * lines);
    put(words, KPU_FIELD_WB_ROW_SWITCH_ADDR, lines);
    put(words, KPU_FIELD_WB_GROUP, share);
  } else {
    put(words, KPU_FIELD_CHANNEL_SWITCH_ADDR, height * lines);
    put(words, KPU_FIELD_ROW_SWITCH_ADDR, lines);
    put(words, KPU_FIELD_COEF_GROUP, share);
  }
}

int kpu_layer_words(const struct kpu_layer* layer, uint64_t words[KPU_LAYER_WORDS]) {
  uint16_t height, width;
  if (!in_range(layer)) return KPU_ERR_ARGUMENT;
  kpu_output_size(layer, &height, &width);
  if (height == 0 || width == 0) return KPU_ERR_ARGUMENT;

  /* Loads of weights as the K210's compilers cut them: at most 30 Ki weights, whole output
   * channels. */
  const uint32_t weights =
      (layer->depthwise ? 1u : layer->in_channels) * layer->kernel * layer->kernel;
  uint32_t channels = 30 * 1024 / weights;
  if (channels == 0) channels = 1;
  if (layer->depthwise || channels > layer->out_channels) channels = layer->out_channels;
  const uint32_t loads = (layer->out_channels + channels - 1) / channels;
  const uint32_t load_bytes = weights * channels * (layer->eight_bit ? 1 : 2);
  if (loads > 64 || load_bytes >= 1u << 17) return KPU_ERR_ARGUMENT;

  for (unsigned i = 0; i < KPU_LAYER_WORDS; ++i) words[i] = 0;
  put(words, KPU_FIELD_INT_EN, !layer->no_irq);
  put(words, KPU_FIELD_DEPTH_WISE_LAYER, layer->depthwise);
  put(words, KPU_FIELD_IMAGE_SRC_ADDR, layer->src_line);
  put(words, KPU_FIELD_IMAGE_DST_ADDR, layer->dst_line);
  put(words, KPU_FIELD_I_CH_NUM, layer->in_channels);
  put(words, KPU_FIELD_O_CH_NUM, layer->out_channels);
  put(words, KPU_FIELD_O_CH_NUM_COEF, channels);
  put(words, KPU_FIELD_I_ROW_WID, layer->in_width);
  put(words, KPU_FIELD_I_COL_HIGH, layer->in_height);
  put(words, KPU_FIELD_O_ROW_WID, width);
  put(words, KPU_FIELD_O_COL_HIGH, height);
  put(words, KPU_FIELD_KERNEL_TYPE, layer->kernel == 3);
  put(words, KPU_FIELD_POOL_TYPE, layer->pool);
  put(words, KPU_FIELD_FIRST_STRIDE, layer->stride2);
  put(words, KPU_FIELD_LOAD_PARA, 1);
  put(words, KPU_FIELD_DMA_BURST_SIZE, 15);
  put(words, KPU_FIELD_PAD_VALUE, layer->pad_value);
  put(words, KPU_FIELD_BWSX_BASE_ADDR, layer->batch_norm);
  put(words, KPU_FIELD_LOAD_COOR, 1);
  put(words, KPU_FIELD_LOAD_TIME, loads);
  put(words, KPU_FIELD_PARA_SIZE, load_bytes);
  put(words, KPU_FIELD_PARA_START_ADDR, layer->weights);
  put(words, KPU_FIELD_LOAD_ACT, 1);
  put(words, KPU_FIELD_ACTIVE_ADDR, layer->activation);
  put_image(words, false, layer->in_height, layer->in_width);
  put_image(words, true, height, width);
  put(words, KPU_FIELD_SHR_X, layer->shr_x);
  put(words, KPU_FIELD_SHR_W, layer->shr_w);
  put(words, KPU_FIELD_ARG_X, (uint64_t)layer->arg_x);
  put(words, KPU_FIELD_ARG_W, (uint64_t)layer->arg_w);
  put(words, KPU_FIELD_ARG_ADD, (uint64_t)layer->arg_add);
  put(words, KPU_FIELD_SEND_DATA_OUT, layer->stream);
  put(words, KPU_FIELD_CHANNEL_BYTE_NUM, (uint64_t)height * width);
  put(words, KPU_FIELD_DMA_TOTAL_BYTE, (uint64_t)height * width * layer->out_channels);
  return KPU_OK;
}

int kpu_push(const struct kpu_device* kpu, const uint64_t words[KPU_LAYER_WORDS]) {
  if ((read_low(kpu, KPU_REG_FIFO_LEVELS) & 0xFF) >= kpu->layer_fifo) return KPU_ERR_FULL;
  for (unsigned i = 0; i < KPU_LAYER_WORDS; ++i) write_argument(kpu, words[i]);
  return KPU_OK;
}

uint32_t kpu_layers_done(const struct kpu_device* kpu) {
  return read_low(kpu, KPU_REG_LAYERS_DONE);
}

int kpu_wait(const struct kpu_device* kpu, uint32_t done, uint32_t polls, uint32_t* status) {
  while ((int32_t)(kpu_layers_done(kpu) - done) < 0) {
    if (polls-- == 0) return KPU_ERR_TIMEOUT;
  }
  return kpu_check(kpu, status);
}

int kpu_check(const struct kpu_device* kpu, uint32_t* status) {
  const uint32_t value = read_low(kpu, KPU_REG_STATUS);
  if (value != 0) kpu_write_reg(kpu, KPU_REG_STATUS, KPU_STATUS_ALL);
  if (status != NULL) *status = value;
  if (value & KPU_STATUS_UNSUPPORTED) return KPU_ERR_REFUSED;
  if (value & KPU_STATUS_BUS_ERROR) return KPU_ERR_BUS;
  if (value & (KPU_STATUS_LAYER_OVERFLOW | KPU_STATUS_OUT_EMPTY_READ)) return KPU_ERR_LOST;
  return KPU_OK;
}

const char* kpu_reason(uint32_t status) {
#define KPU_REASON_TEXT(code, fields, problem, expected) \
  case code:                                             \
    return fields ": " problem ": expected " expected;
  switch (field(status, KPU_STATUS_REASON)) {
    KPU_REASONS(KPU_REASON_TEXT)
    default:
      return "";
  }
#undef KPU_REASON_TEXT
}

const char* kpu_result_text(int result) {
  switch (result) {
    case KPU_OK:
      return "no error";
    case KPU_ERR_NO_DEVICE:
      return "no KPU at this address";
    case KPU_ERR_ARGUMENT:
      return "an argument is outside its range";
    case KPU_ERR_FULL:
      return "the layer FIFO is full";
    case KPU_ERR_TIMEOUT:
      return "the layers are not done";
    case KPU_ERR_REFUSED:
      return "the machine refused a layer";
    case KPU_ERR_BUS:
      return "error response to a fetch of tables or weights";
    case KPU_ERR_LOST:
      return "a layer or a word of a stream was lost";
    default:
      return "unknown result";
  }
}

uint64_t kpu_counter(const struct kpu_device* kpu, unsigned i) {
  return i < KPU_PERF_COUNTERS ? kpu_read_reg(kpu, KPU_REG_PERF + 8 * i) : 0;
}

size_t kpu_read_stream(const struct kpu_device* kpu, uint64_t* words, size_t most) {
  const size_t there = read_low(kpu, KPU_REG_FIFO_LEVELS) >> 8 & 0xFF;
  const size_t count = there < most ? there : most;
  for (size_t i = 0; i < count; ++i) words[i] = kpu_read_reg(kpu, KPU_REG_FIFO_DATA_OUT);
  return count;
}

/* ---- Interrupts
 * ---------------------------------------------------------------------------------------------- */

void kpu_irq_enable(const struct kpu_device* kpu, uint32_t sources) {
  kpu_write_reg(kpu, KPU_REG_INTERRUPT_MASK, ~sources & KPU_INT_ALL);
}

uint32_t kpu_irq_pending(const struct kpu_device* kpu) {
  return read_low(kpu, KPU_REG_INTERRUPT_STATUS);
}

void kpu_irq_clear(const struct kpu_device* kpu, uint32_t sources) {
  kpu_write_reg(kpu, KPU_REG_INTERRUPT_CLEAR, sources);
}
