/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated KPU in its system, for C: loads and stores at the K210's addresses, interrupts, and
 * time that passes only when asked to. docs/system.md has the address map.
 *
 * Every access advances simulated time until the bus has answered. An openkpu_system may be used by
 * one thread at a time; several of them are independent of each other.
 */
#ifndef OPENKPU_H
#define OPENKPU_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a program compiled against this header expects of the library it runs with. It rises when
 * a function, a structure or a code below changes its meaning or layout; what is only added leaves
 * it alone. */
#define OPENKPU_ABI_VERSION 1
int openkpu_abi_version(void); /* that of the library */

typedef struct openkpu_system openkpu_system;

/* What functions return. After anything but OPENKPU_OK, openkpu_error() says what was wrong. */
enum {
  OPENKPU_OK = 0,
  OPENKPU_BUS_ERROR = 1,    /* the address answered with an error; the simulation goes on */
  OPENKPU_BAD_ARGUMENT = 2, /* nothing was done */
  OPENKPU_FAILED = 3        /* the RTL failed an assertion or hangs: destroy it */
};

/* Bits of the interrupts. */
#define OPENKPU_IRQ_KPU UINT32_C(1)
#define OPENKPU_IRQ_DMA(channel) (UINT32_C(2) << (channel)) /* channel 0..5 */

/* How SRAM behaves, and what uninitialised registers hold. Results do not depend on it. */
typedef struct openkpu_options {
  uint32_t read_latency;      /* cycles from address to data, from 1 */
  uint32_t write_latency;     /* cycles from data to answer, from 1 */
  uint32_t bandwidth_percent; /* share of cycles with data, 1..100 */
  uint32_t max_outstanding;   /* bursts in each direction, 1..32 */
  uint32_t stall_percent;     /* probability of a stall in a cycle, 0..99 */
  uint64_t seed;
} openkpu_options;

/* 20 cycles of latency, full bandwidth, no stalls. */
void openkpu_default_options(openkpu_options* options);

/* A system after reset with SRAM zero. `options` may be NULL for the default ones. NULL if an
 * option is out of range or memory is short; `error` (may be NULL) then gets up to `error_size`
 * bytes of text. */
openkpu_system* openkpu_create(const openkpu_options* options, char* error, size_t error_size);
void openkpu_destroy(openkpu_system* system); /* NULL is allowed */

/* One load or store of 8, 16, 32 or 64 bits at a multiple of its size. */
int openkpu_read(openkpu_system* system, uint32_t address, unsigned bits, uint64_t* value);
int openkpu_write(openkpu_system* system, uint32_t address, unsigned bits, uint64_t value);

/* Lets time pass until an interrupt is up, but at most `max_cycles` cycles. */
int openkpu_run(openkpu_system* system, uint64_t max_cycles);
uint32_t openkpu_interrupts(const openkpu_system* system); /* levels, OPENKPU_IRQ_... */
uint64_t openkpu_cycles(const openkpu_system* system);     /* since openkpu_create() */

/* Copies bytes to or from SRAM or AI RAM without simulated time, as a debugger would; the whole
 * range must lie in one of them, in either alias. */
int openkpu_load(openkpu_system* system, uint32_t address, const void* bytes, size_t size);
int openkpu_peek(openkpu_system* system, uint32_t address, void* bytes, size_t size);

/* The reset line for some cycles; SRAM and AI RAM keep their content. */
int openkpu_reset(openkpu_system* system);

/* One line about the last call that did not return OPENKPU_OK; valid until the next such call. */
const char* openkpu_error(const openkpu_system* system);

#ifdef __cplusplus
}
#endif

#endif
