/* SPDX-License-Identifier: Apache-2.0
 *
 * The C driver (driver/c) on the simulated system: its example network at the K210's addresses,
 * where the registers' port has 64 bits. Prints what it did; exit code 0 if every pixel is right.
 */
#include "driver/c/kpu_example.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver_port.h"
#include "openkpu.h"

/* docs/system.md */
#define SRAM UINT32_C(0x40000000)
#define AI_RAM UINT32_C(0x40600000)
#define KPU UINT32_C(0x40800000)

static openkpu_system* simulated;

static void check(int result) {
  if (result != OPENKPU_OK) {
    fprintf(stderr, "driver_example: %s\n", openkpu_error(simulated));
    exit(1);
  }
}

static uint64_t load(uintptr_t address, unsigned bits) {
  uint64_t value = 0;
  check(openkpu_read(simulated, (uint32_t)address, bits, &value));
  return value;
}

static void store(uintptr_t address, unsigned bits, uint64_t value) {
  check(openkpu_write(simulated, (uint32_t)address, bits, value));
}

uint32_t kpu_port_read32(uintptr_t address) { return (uint32_t)load(address, 32); }
void kpu_port_write32(uintptr_t address, uint32_t value) { store(address, 32, value); }
uint64_t kpu_port_read64(uintptr_t address) { return load(address, 64); }
void kpu_port_write64(uintptr_t address, uint64_t value) { store(address, 64, value); }

int main(void) {
  char error[200];
  simulated = openkpu_create(NULL, error, sizeof error);
  if (simulated == NULL) {
    fprintf(stderr, "driver_example: %s\n", error);
    return 1;
  }
  static uint8_t tables[KPU_EXAMPLE_BYTES];
  kpu_example_tables(tables);
  check(openkpu_load(simulated, SRAM, tables, sizeof tables));

  struct kpu_device kpu;
  uint64_t cycles[2] = {0, 0};
  int wrong = kpu_init(&kpu, KPU, AI_RAM);
  if (wrong == KPU_OK) wrong = kpu_example_run(&kpu, SRAM, cycles);
  if (wrong < 0) {
    fprintf(stderr, "driver_example: %s\n", kpu_result_text(wrong));
  } else {
    printf("driver_example: %d pixels wrong; %" PRIu64 " and %" PRIu64 " cycles\n", wrong,
           cycles[0], cycles[1]);
  }
  openkpu_destroy(simulated);
  return wrong == 0 ? 0 : 1;
}
