/* SPDX-License-Identifier: Apache-2.0
 *
 * Driver of the KPU in C99 for bare machines: registers, layer words, images. It allocates nothing,
 * keeps nothing but `struct kpu_device`, waits only in kpu_wait(), and needs no library.
 * docs/integration.md, "Driver", shows a layer.
 *
 * PORT. Accesses go through the functions of the port, which are loads and stores unless KPU_PORT
 * names a header that has others: cc -DKPU_PORT='"my_port.h"' ... uint32_t
 * kpu_port_read32(uintptr_t address); void kpu_port_write32(uintptr_t address, uint32_t value);
 * and, where KPU_BUS_BITS is 64, kpu_port_read64() and kpu_port_write64() alike. KPU_BUS_BITS says
 * how wide the port of the registers is: 32 (the default) behind `openkpu`'s s_axi_ctrl, 64 on the
 * K210 and behind `kpu_soc`. A machine with write-back caches needs its own barriers: AI RAM,
 * tables and registers have to be uncached, or flushed.
 *
 * THREADS AND INTERRUPTS. A `struct kpu_device` belongs to one context. kpu_irq_pending(),
 * kpu_irq_clear() and kpu_layers_done() may be called in an interrupt at any time; no other
 * function may.
 */
#ifndef KPU_H
#define KPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kpu_regs.h"

#ifdef __cplusplus
extern "C" {
#endif

#define KPU_LAYER_WORDS 12
#define KPU_LINE_BYTES 64u

/* Results. Everything but KPU_OK is negative. */
enum kpu_result {
  KPU_OK = 0,
  KPU_ERR_NO_DEVICE = -1, /* the id register has another value */
  KPU_ERR_ARGUMENT = -2,  /* a value is outside its range; nothing was done */
  KPU_ERR_FULL = -3,      /* the layer FIFO has no place; nothing was pushed */
  KPU_ERR_TIMEOUT = -4,   /* polls are used up; the layers go on */
  KPU_ERR_REFUSED = -5,   /* a layer was skipped: kpu_reason() of the status says why */
  KPU_ERR_BUS = -6, /* a fetch of tables or weights got an error response; the layer was given up */
  KPU_ERR_LOST = -7 /* a layer was pushed into a full FIFO, or fifo_data_out was read while empty */
};

/* A KPU. All members are set by kpu_init() and are to be read only. */
struct kpu_device {
  uintptr_t regs;       /* address of register 0 */
  uintptr_t ram;        /* address of line 0 of AI RAM */
  uint32_t lines;       /* of AI RAM, 64 bytes each */
  uint32_t weight_rows; /* of the weight ring, 36 bytes each */
  uint16_t lanes;       /* pixels a cycle */
  uint16_t post_lanes;  /* of them post-processed a cycle */
  uint8_t layer_fifo;   /* layers that can wait */
  uint8_t out_fifo;     /* words of 8 bytes in fifo_data_out */
  uint8_t left_out;     /* KPU_LEFT_OUT_..: units that it does not have */
};

/* ---- Machine
 * -------------------------------------------------------------------------------------------------
 */

/* Reads what machine it is, gives up whatever it does, clears status and interrupts and masks them
 * all. KPU_ERR_NO_DEVICE if there is none at `regs`. */
int kpu_init(struct kpu_device* kpu, uintptr_t regs, uintptr_t ram);

/* Empties the layer FIFO and fifo_data_out and gives up the layers in work; raises no interrupt for
 * them. */
void kpu_flush(const struct kpu_device* kpu);

/* Width of weights of the layers that are pushed from now on: 8 or 16. A layer takes it when it
 * leaves the FIFO: change it only while no layer waits. KPU_ERR_ARGUMENT for other numbers, and for
 * 16 on a machine without 16-bit weights. */
int kpu_set_weight_bits(const struct kpu_device* kpu, unsigned bits);

/* A register, low and high half; `offset` is one of KPU_REG_.. */
uint64_t kpu_read_reg(const struct kpu_device* kpu, uint32_t offset);
/* The low half of a register. Not for layer_argument_fifo. */
void kpu_write_reg(const struct kpu_device* kpu, uint32_t offset, uint32_t value);

/* ---- Layers
 * --------------------------------------------------------------------------------------------------
 */

/* Layer words of an ordinary layer; images lie as the K210's compilers lay them (struct kpu_image).
 */
struct kpu_layer {
  uint16_t in_channels;  /* 1 .. 1024 */
  uint16_t out_channels; /* 1 .. 1024; as in_channels if depthwise */
  uint16_t in_height;    /* 1 .. 512 */
  uint16_t in_width;     /* 1 .. 1024 */
  uint16_t src_line;     /* first line of the input in AI RAM, 0 .. 32767 */
  uint16_t dst_line;     /* of the output; they may not overlap */
  uint8_t kernel;        /* 1 or 3 */
  uint8_t pool;          /* pool_type of docs/registers.md, 0 .. 9 */
  uint8_t pad_value;     /* pixel around the image */
  bool depthwise;
  bool stride2;   /* rows and columns 0, 2, .. of the convolution; without a pool */
  bool eight_bit; /* weights of 8 bits, else 16: as kpu_set_weight_bits() */
  bool stream;    /* the output leaves through fifo_data_out, too, channel by channel */
  bool no_irq;    /* calc_done is not raised at the end */
  /* Bus addresses: weights [out][in][3][3] (depthwise: [out][3][3]), 8 bytes of batch norm a
   * channel, 256 bytes of activation; docs/registers.md says how the tables look. */
  uint32_t weights;
  uint32_t batch_norm;
  uint32_t activation;
  /* conv = sum(x w) + (arg_x sum(x) >> shr_x) + (arg_w sum(w) >> shr_w) + arg_add channels */
  int32_t arg_x;   /* signed 24 bits */
  int32_t arg_w;   /* signed 24 bits */
  int64_t arg_add; /* signed 40 bits */
  uint8_t shr_x;   /* 0 .. 15 */
  uint8_t shr_w;   /* 0 .. 15 */
};

/* Writes the layer's words. KPU_ERR_ARGUMENT if a member is outside its range, the output would be
 * empty, or the weights of one output channel have more than 128 KiB. Whether it fits the machine's
 * memories the machine says (KPU_ERR_REFUSED). */
int kpu_layer_words(const struct kpu_layer* layer, uint64_t words[KPU_LAYER_WORDS]);

/* Size of the layer's output. Members of the layer in their ranges. */
void kpu_output_size(const struct kpu_layer* layer, uint16_t* height, uint16_t* width);

/* Puts a layer into the FIFO, where it starts when those before it are done. KPU_ERR_FULL if there
 * is no place. */
int kpu_push(const struct kpu_device* kpu, const uint64_t words[KPU_LAYER_WORDS]);

/* Layers finished, refused or given up since reset, modulo 2^32. */
uint32_t kpu_layers_done(const struct kpu_device* kpu);

/* Reads registers until kpu_layers_done() has come to `done`, which may be modulo 2^32, at most
 * `polls` times; then as kpu_check(). KPU_ERR_TIMEOUT if it has not. */
int kpu_wait(const struct kpu_device* kpu, uint32_t done, uint32_t polls, uint32_t* status);

/* Reads and clears the status: KPU_OK, KPU_ERR_REFUSED, KPU_ERR_BUS or KPU_ERR_LOST. `status`,
 * which may be NULL, gets the register: bits KPU_STATUS_CONV_OVERFLOW and KPU_STATUS_NORM_OVERFLOW
 * tell of values that were too large, which is no error of the machine. */
int kpu_check(const struct kpu_device* kpu, uint32_t* status);

/* Why a layer was refused: "fields: problem: expected ..", from a status; "" if none was. */
const char* kpu_reason(uint32_t status);
/* One line for a result. */
const char* kpu_result_text(int result);

/* Counter `i` of the layer that finished last, docs/registers.md; 0 is its cycles. 0 on machines
 * without counters. */
uint64_t kpu_counter(const struct kpu_device* kpu, unsigned i);

/* ---- Interrupts
 * ---------------------------------------------------------------------------------------------- */

/* The sources of KPU_INT_.. that may raise the interrupt; the others are masked. */
void kpu_irq_enable(const struct kpu_device* kpu, uint32_t sources);
/* Sources that are raised and enabled. */
uint32_t kpu_irq_pending(const struct kpu_device* kpu);
void kpu_irq_clear(const struct kpu_device* kpu, uint32_t sources);

/* ---- Images
 * --------------------------------------------------------------------------------------------------
 */

/* An image in AI RAM: up to 16 pixels wide four channels share a line, up to 32 two, else a row has
 * whole lines. */
struct kpu_image {
  uint16_t line; /* the first */
  uint16_t channels;
  uint16_t height;
  uint16_t width;
};

/* Lines that the image takes. */
uint32_t kpu_image_lines(const struct kpu_image* image);
/* Copies planar pixels, channel by channel, row by row, into AI RAM or out of it, in accesses of 32
 * bits; bytes of a line that hold no pixel become zero. KPU_ERR_ARGUMENT if the image leaves AI
 * RAM. */
int kpu_write_image(const struct kpu_device* kpu, const struct kpu_image* image,
                    const uint8_t* planar);
int kpu_read_image(const struct kpu_device* kpu, const struct kpu_image* image, uint8_t* planar);

/* Takes up to `most` words of the output stream, as many as there are; returns how many. A layer's
 * stream has its bytes rounded up to whole words. Layers with streams stop while nobody takes them.
 */
size_t kpu_read_stream(const struct kpu_device* kpu, uint64_t* words, size_t most);

#ifdef __cplusplus
}
#endif

#endif
