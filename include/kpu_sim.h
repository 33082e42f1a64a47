/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated KPU in its system, for C: loads and stores at the K210's addresses, interrupts, and
 * time that passes only when asked to. docs/system.md has the address map.
 *
 * Every access advances simulated time until the bus has answered. One kpu_sim may be used by one
 * thread at a time; several kpu_sim are independent of each other.
 */
#ifndef KPU_SIM_H
#define KPU_SIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kpu_sim kpu_sim;

/* What functions return. After anything but KPU_SIM_OK, kpu_sim_error() says what was wrong. */
enum {
  KPU_SIM_OK = 0,
  KPU_SIM_BUS_ERROR = 1,    /* the address answered with an error; the simulation goes on */
  KPU_SIM_BAD_ARGUMENT = 2, /* nothing was done */
  KPU_SIM_FAILED = 3        /* the RTL failed an assertion or hangs: destroy it */
};

/* Bits of the interrupts. */
#define KPU_SIM_IRQ_KPU UINT32_C(1)
#define KPU_SIM_IRQ_DMA(channel) (UINT32_C(2) << (channel)) /* channel 0..5 */

/* How SRAM behaves, and what uninitialised registers hold. Results do not depend on it. */
typedef struct kpu_sim_options {
  uint32_t read_latency;      /* cycles from address to data, from 1 */
  uint32_t write_latency;     /* cycles from data to answer, from 1 */
  uint32_t bandwidth_percent; /* share of cycles with data, 1..100 */
  uint32_t max_outstanding;   /* bursts in each direction, 1..32 */
  uint32_t stall_percent;     /* probability of a stall in a cycle, 0..99 */
  uint64_t seed;
} kpu_sim_options;

/* 20 cycles of latency, full bandwidth, no stalls. */
void kpu_sim_default_options(kpu_sim_options* options);

/* A system after reset with SRAM zero. `options` may be NULL for the default ones. NULL if an
 * option is out of range or memory is short; `error` (may be NULL) then gets up to `error_size`
 * bytes of text. */
kpu_sim* kpu_sim_create(const kpu_sim_options* options, char* error, size_t error_size);
void kpu_sim_destroy(kpu_sim* sim); /* NULL is allowed */

/* One load or store of 8, 16, 32 or 64 bits at a multiple of its size. */
int kpu_sim_read(kpu_sim* sim, uint32_t address, unsigned bits, uint64_t* value);
int kpu_sim_write(kpu_sim* sim, uint32_t address, unsigned bits, uint64_t value);

/* Lets time pass until an interrupt is up, but at most `max_cycles` cycles. */
int kpu_sim_run(kpu_sim* sim, uint64_t max_cycles);
uint32_t kpu_sim_interrupts(const kpu_sim* sim); /* levels, KPU_SIM_IRQ_... */
uint64_t kpu_sim_cycles(const kpu_sim* sim);     /* since kpu_sim_create() */

/* Copies bytes to or from SRAM or AI RAM without simulated time, as a debugger would; the whole
 * range must lie in one of them, in either alias. */
int kpu_sim_load(kpu_sim* sim, uint32_t address, const void* bytes, size_t size);
int kpu_sim_peek(kpu_sim* sim, uint32_t address, void* bytes, size_t size);

/* The reset line for some cycles; SRAM and AI RAM keep their content. */
int kpu_sim_reset(kpu_sim* sim);

/* One line about the last call that did not return KPU_SIM_OK; valid until the next such call. */
const char* kpu_sim_error(const kpu_sim* sim);

#ifdef __cplusplus
}
#endif

#endif
