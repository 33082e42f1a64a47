// SPDX-License-Identifier: Apache-2.0
//
// Uses every part of the board that a program of its kind needs, in the manner of the vendor's
// drivers, and prints a line for each: text, traps, floats, time, timer and software interrupts, the
// second hart, DMA with an interrupt, a KPU layer, a network, the C driver, flash by DMA, and a camera picture on the panel.
#include "board.h"
#include "kpu_driver.h"
#include "kpu_example.h"

static volatile u32 timer_interrupts, soft_interrupts, dma_interrupts, kpu_interrupts, ecalls;
static volatile u32 second_hart;

/// Compilers call it by themselves.
void *memset(void *to, int value, u64 size) {
  for (u64 i = 0; i < size; ++i) ((u8 *)to)[i] = (u8)value;
  return to;
}

static void put(char c) { REG32(kUarths) = (u8)c; }
static void print(const char *text) {
  while (*text) put(*text++);
}
static void print_number(u64 value) {
  char digits[20];
  int n = 0;
  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  while (n) put(digits[--n]);
}
static void result(const char *name, u64 value) {
  print(name);
  print(": ");
  print_number(value);
  print("\n");
}

static u64 cycle(void) {
  u64 value;
  __asm__ volatile("csrr %0, mcycle" : "=r"(value));
  return value;
}
static void enable(u64 mie) { __asm__ volatile("csrs mie, %0" ::"r"(mie)); }
static void interrupts_on(void) { __asm__ volatile("csrsi mstatus, 8"); }

static void plic_enable(u32 source) {
  REG32(kPlic + 4 * source) = 1;
  REG32(kPlic + 0x2000 + source / 32 * 4) |= 1u << source % 32;
}

u64 handle_trap(u64 cause, u64 pc) {
  if (cause == 11) {
    ++ecalls;
    return pc + 4;
  }
  if (cause == (1ul << 63 | 7)) {
    ++timer_interrupts;
    REG64(kMtimecmp0) = REG64(kMtime) + 100;
  } else if (cause == (1ul << 63 | 3)) {
    ++soft_interrupts;
    REG32(kMsip0) = 0;
  } else if (cause == (1ul << 63 | 11)) {
    const u32 source = REG32(kPlicClaim0);
    if (source == 25) {
      ++kpu_interrupts;
      kpu_interrupt();
    } else {
      ++dma_interrupts;
      REG64(kDmac + 0x100 * (source - 27) + 0x198) = 0xFFFFFFFF;
    }
    REG32(kPlicClaim0) = source;
  } else {
    result("unexpected trap", cause);
    REG32(kSysctl + 0x30) = 1;
  }
  return pc;
}

void second_main(void) { second_hart = second_hart + 7; }

void dma(u32 channel, u64 from, u64 to, u64 control, u64 config, u64 items) {
  const u64 base = kDmac + 0x100 * (channel + 1);
  REG64(base + 0x98) = 0xFFFFFFFF;
  REG64(base + 0x20) = config;
  REG64(base + 0x00) = from;
  REG64(base + 0x08) = to;
  REG64(base + 0x18) = control;
  REG64(base + 0x10) = items - 1;
  REG64(base + 0x80) = 2;
  REG64(kDmac + 0x10) = 3;
  REG64(kDmac + 0x18) = 0x101u << channel;
}

static u64 buffer_a[64], buffer_b[64];

static void test_dma(void) {
  for (u32 i = 0; i < 64; ++i) buffer_a[i] = i * 0x0101010101010101ul;
  dma(2, (u64)buffer_a, (u64)buffer_b, 3 << 8 | 3 << 11, 0, 64);
  while (REG64(kDmac + 0x18) & 4) {
  }
  u64 equal = 0;
  for (u32 i = 0; i < 64; ++i) equal += buffer_a[i] == buffer_b[i];
  result("dma words", equal);
  result("dma interrupts", dma_interrupts);
}

// The layer that the host has put at 0x80200000: twelve words, its tables behind them. Its output
// comes by DMA channel 5 from fifo_data_out.
static void test_kpu(void) {
  static u64 output[8];
  const u64 *const words = (const u64 *)0x80200000;
  u8 *const ai_ram = (u8 *)0x40600000;
  for (u32 y = 0; y < 8; ++y) {
    for (u32 x = 0; x < 8; ++x) ai_ram[64 * y + x] = (u8)(29 * y + 7 * x);
  }
  REG32(kSysctl + 0x68) = 22;
  REG64(kKpu + 0x20) = 7;
  REG64(kKpu + 0x28) = 0x1A;
  REG64(kKpu + 0x40) = 1;
  REG64(kKpu + 0x18) = 6;  // calc_done only
  dma(5, kKpu + 0x30, (u64)output, 3 << 8 | 3 << 11 | 1 << 4, 2ul << 32, 8);
  for (u32 i = 0; i < 12; ++i) REG64(kKpu + 0x00) = words[i];
  while (kpu_interrupts == 0) __asm__ volatile("wfi");
  while (REG64(kDmac + 0x18) & 32) {
  }
  u32 streamed = 0, stored = 0;
  for (u32 i = 0; i < 64; ++i) {
    streamed = streamed * 31 + ((u8 *)output)[i];
    stored = stored * 31 + ai_ram[64 * 1024 + 64 * (i / 8) + i % 8];
  }
  result("kpu output streamed", streamed);
  result("kpu output stored", stored);
}

// The network that the host has put at 0x80210000: number of layers, their words.
static void test_network(void) {
  static u64 output[16];
  static kpu_network network;
  const u64 *const given = (const u64 *)0x80210000;
  network.words = given + 1;
  network.layers = given[0];
  network.output = (u64)output;
  network.output_words = 16;
  const u32 before = dma_interrupts;
  kpu_start(&network);
  while (dma_interrupts == before) __asm__ volatile("wfi");
  u32 sum = 0;
  for (u32 i = 0; i < 128; ++i) sum = sum * 31 + ((u8 *)output)[i];
  result("network output", sum);
}

// The C driver's own example: registers only, the processor reads and writes AI RAM.
static void test_driver(void) {
  static u8 tables[KPU_EXAMPLE_BYTES] __attribute__((aligned(8)));
  struct kpu_device kpu;
  kpu_example_tables(tables);
  int wrong = kpu_init(&kpu, kKpu, 0x40600000);
  if (wrong == KPU_OK) wrong = kpu_example_run(&kpu, (u32)(u64)tables, 0);
  result("driver example", (u64)(long)wrong);
}

static void spi0_send(u32 bits, int is_data, u64 from, u32 items, int fixed) {
  REG32(kGpiohs + 0x0C) = is_data ? 1u << 31 : 0;
  REG32(kSpi0 + 0x00) = (bits - 1) << 16 | 1 << 8 | 3 << 21;
  REG32(kSpi0 + 0x4C) = 2;
  REG32(kSpi0 + 0x08) = 1;
  REG32(kSysctl + 0x64) = 1;
  dma(0, from, kSpi0 + 0x60, 2 << 8 | 2 << 11 | 1 << 6 | (fixed ? 1 << 4 : 0), 1ul << 32, items);
  REG32(kSpi0 + 0x10) = 8;
  while (REG64(kDmac + 0x18) & 1) {
  }
  while ((REG32(kSpi0 + 0x28) & 5) != 4) {
  }
  REG32(kSpi0 + 0x10) = 0;
  REG32(kSpi0 + 0x08) = 0;
}

static void panel(u8 code, u32 count, u8 a, u8 b, u8 c, u8 d) {
  static u32 frames[4];
  frames[0] = code;
  spi0_send(8, 0, (u64)frames, 1, 0);
  frames[0] = a;
  frames[1] = b;
  frames[2] = c;
  frames[3] = d;
  if (count) spi0_send(8, 1, (u64)frames, count, 0);
}

static void test_flash(void) {
  static u32 frames[2], received[4];
  frames[0] = 0xEB;
  frames[1] = 0x1000 << 8;
  REG32(kSpi3 + 0x00) = 31 | 2 << 10 | 2 << 22;
  REG32(kSpi3 + 0xF4) = 0x2221;
  REG32(kSpi3 + 0x04) = 3;
  REG32(kSpi3 + 0x4C) = 3;
  REG32(kSpi3 + 0x08) = 1;
  REG32(kSysctl + 0x64) = 7 | 6 << 6;  // channel 0 sends to SPI3, channel 1 receives from it
  dma(1, kSpi3 + 0x60, (u64)received, 2 << 8 | 2 << 11 | 1 << 4, 2ul << 32, 4);
  dma(0, (u64)frames, kSpi3 + 0x60, 2 << 8 | 2 << 11 | 1 << 6, 1ul << 32, 2);
  REG32(kSpi3 + 0x10) = 1;
  while (REG64(kDmac + 0x18) & 3) {
  }
  REG32(kSpi3 + 0x10) = 0;
  REG32(kSpi3 + 0x08) = 0;
  result("flash word", received[1]);
}

static void test_camera(void) {
  u32 *const display = (u32 *)0x40300000;
  REG32(kDvp + 0x00) = 1 << 3 | 1 << 8 | 10 << 12 | 240 << 20;
  REG32(kDvp + 0x28) = 0x40300000;
  while (!(REG32(kDvp + 0x20) & 1)) {
  }
  REG32(kDvp + 0x20) = 3 << 16 | 3;
  while (!(REG32(kDvp + 0x20) & 0x100)) {
  }
  REG32(kDvp + 0x20) = 0x300;
  REG32(kFpioa + 4 * 38) = 24 + 31;
  REG32(kGpiohs + 0x08) = 1u << 31;
  panel(0x11, 0, 0, 0, 0, 0);
  panel(0x3A, 1, 0x55, 0, 0, 0);
  panel(0x36, 1, 0x60, 0, 0, 0);
  panel(0x29, 0, 0, 0, 0, 0);
  panel(0x2A, 4, 0, 0, 319 >> 8, 319 & 255);
  panel(0x2B, 4, 0, 0, 0, 239);
  panel(0x2C, 0, 0, 0, 0, 0);
  spi0_send(32, 1, (u64)display, 38400, 0);
  // A white square of 16 x 16 at (8, 8), from a fixed word.
  static u32 white = 0xFFFFFFFF;
  panel(0x2A, 4, 0, 8, 0, 23);
  panel(0x2B, 4, 0, 8, 0, 23);
  panel(0x2C, 0, 0, 0, 0, 0);
  spi0_send(32, 1, (u64)&white, 128, 1);
  print("picture shown\n");
}

int main(void) {
  print("board selftest\n");
  for (u32 i = 0; i < 3; ++i) __asm__ volatile("ecall" ::: "memory");
  result("ecalls", ecalls);

  volatile double x = 2.0;
  for (u32 i = 0; i < 5; ++i) x = (x + 2.0 / x) / 2.0;
  result("square root of two", (u64)(x * 1e15));

  const u64 start = cycle();
  while (cycle() - start < 100000) {
  }
  result("waited", cycle() - start < 110000);

  REG64(kMtimecmp0) = REG64(kMtime) + 100;
  enable(1 << 7);
  interrupts_on();
  while (timer_interrupts < 3) __asm__ volatile("wfi");
  REG64(kMtimecmp0) = ~0ul;
  result("timer interrupts", timer_interrupts);
  enable(1 << 3);
  REG32(kMsip0) = 1;
  __asm__ volatile("nop");
  result("soft interrupts", soft_interrupts);
  REG32(kMsip0 + 4) = 1;
  while (second_hart != 7) {
  }
  result("second hart", second_hart);

  plic_enable(25);
  plic_enable(29);
  enable(1 << 11);
  test_dma();
  test_flash();
  test_kpu();
  plic_enable(32);
  test_network();
  test_driver();
  test_camera();
  print("done\n");
  REG32(kSysctl + 0x30) = 1;
  return 0;
}
